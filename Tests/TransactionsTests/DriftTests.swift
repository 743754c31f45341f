import Deployment
import FileOperations
import Glibc
import Testing
import Transactions

@Suite("Drift")
struct DriftTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  private func drift(_ files: [String: String], secret: Set<String> = []) async throws -> [FileDifference] {
    let release = try sandbox.release("2", files, secret: secret)
    let error = await #expect(throws: TransactionError.self) { try await sandbox.deploy(release) }
    guard case .drift(let found)? = error else { return [] }
    return found
  }

  @Test("is shown line by line for text; a secret only by its name")
  func text() async throws {
    let files = ["app.conf": "a\nb\nc\n", "key": "hunter2\n"]
    try await sandbox.deploy(sandbox.release("1", files, secret: ["key"]))
    try TestFiles.write("a\nB\u{1B}\nc\n", to: sandbox.target("app.conf"))
    try TestFiles.write("hunter3\n", to: sandbox.target("key"))
    // Also where the coming release has it as no secret.
    for secret in [["key"], []] as [Set<String>] {
      let found = try await drift(files, secret: secret)
      #expect(found.map(\.path) == [sandbox.target("app.conf"), sandbox.target("key")])
      #expect(found.first?.diff.suffix(4) == [" a", "-b", "+B\u{FFFD}", " c"])
      #expect(found.last?.differences == ["content differs (secret, not shown)"] && found.last?.diff == [])
    }
  }

  @Test("is shown by its lines also where they end as in Windows")
  func carriageReturns() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app.conf": "a\r\nb\r\n"]))
    try TestFiles.write("a\r\nc\r\n", to: sandbox.target("app.conf"))
    let found = try await drift(["app.conf": "d"])
    #expect(found.first?.diff.suffix(3) == [" a\u{FFFD}", "-b\u{FFFD}", "+c\u{FFFD}"], "\(found)")
  }

  @Test("of metadata, of a file gone, and of one that is a link now is told in words")
  func words() async throws {
    let files = ["a": "1", "b": "2", "c": "3"]
    try await sandbox.deploy(sandbox.release("1", files))
    chmod(sandbox.target("a"), 0o600)
    chown(sandbox.target("a"), 33, 0)
    unlink(sandbox.target("b"))
    unlink(sandbox.target("c"))
    symlink("/dev/null", sandbox.target("c"))
    let found = try await drift(files)
    #expect(
      found.map(\.differences) == [
        ["mode 0640 → 0600", "owner 0:0 → 33:0"], ["file → absent"], ["file → symlink to /dev/null"],
      ])
  }

  @Test("of what is no text or is large is told by digest and size; what is shown of a long diff is bounded")
  func bounded() async throws {
    let long = (1...1000).map { "line \($0)\n" }.joined()
    let files = ["bytes": "\u{1}", "large": String(repeating: "x\n", count: 200_000), "long": long]
    try await sandbox.deploy(sandbox.release("1", files))
    for name in files.keys { try TestFiles.write("other\n", to: sandbox.target(name)) }
    let file = try #require(fopen(sandbox.target("bytes"), "w"))
    fputc(0, file)
    fclose(file)
    let found = try await drift(files)
    #expect(found[0].diff.isEmpty && found[1].diff.isEmpty)
    #expect(found[1].differences.last == "size 400000 → 6", "\(found[1].differences)")
    #expect(found[2].diff.count == 100 && found[2].more == 904, "\(found[2].more)")
    #expect(found[2].text.hasSuffix("  … 904 more lines\n"))
  }

  @Test("is told by digests where the old content is not kept; what is kept is no secret and goes with its release")
  func kept() async throws {
    let files = ["app.conf": "one\n", "key": "hunter2\n", "own": "host's\n"]
    let folder = sandbox.root + "/state/installed/sandbox.files"
    try await sandbox.deploy(sandbox.release("1", files, keep: ["own"], secret: ["key"]))
    let first = TestFiles.names(folder)
    #expect(first.count == 1)
    try await sandbox.deploy(sandbox.release("2", ["app.conf": "two\n"], keep: ["own"]))
    let second = TestFiles.names(folder)
    #expect(second.count == 1 && second != first)
    TestFiles.removeTree(folder)
    try TestFiles.write("by hand\n", to: sandbox.target("app.conf"))
    let found = try await drift(["app.conf": "three\n"])
    #expect(found.count == 1 && found.allSatisfy { $0.diff.isEmpty && $0.differences.count == 2 }, "\(found)")
  }

  @Test("keeps no deploy from its end where contents cannot be kept")
  func cannotKeep() async throws {
    try TestFiles.write("in the way", to: sandbox.root + "/state/installed/sandbox.files")
    let result = try await sandbox.deploy(sandbox.release("1", ["app.conf": "one\n"]))
    #expect(result.exit == .done && !result.message.contains("could not be written"), "\(result.message)")
  }
}
