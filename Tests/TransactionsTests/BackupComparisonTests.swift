import Backups
import Deployment
import FileOperations
import Testing
import Transactions

@Suite("A backup compared")
struct BackupComparisonTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  private var comparison: BackupComparison { BackupComparison(sandbox.store) }

  @Test("with the host shows what a rollback to it would put back, units too")
  func host() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one\n", "key": "hunter1"], secret: ["key"]))
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two\n", "key": "hunter2", "new": "n\n"]))
    let stamp = try #require(result.stamp).description
    sandbox.services.units["a.service"]?.active = "failed"
    let found = try await comparison.withHost(stamp, sandbox.context)
    #expect(found.files.map(\.path) == ["app", "key", "new"].map(sandbox.target))
    #expect(found.files[0].diff.suffix(2) == ["-one", "+two"])
    // What was a secret then is one for ever.
    #expect(found.files[1].diff.isEmpty && found.files[1].differences == ["content differs (secret, not shown)"])
    #expect(found.files[2].differences == ["absent → file"] && found.files[2].diff.last == "+n")
    #expect(found.units.map(\.differences) == [["running → failed"]])
    // What a later release has brought would go.
    try await sandbox.deploy(sandbox.release("3", ["app": "one\n", "key": "hunter1", "later": "l\n"]))
    let later = try await comparison.withHost(stamp, sandbox.context).files.map(\.path)
    #expect(later == [sandbox.target("later")])
    try await sandbox.rollBack(result.stamp)
    #expect(try await comparison.withHost(stamp, sandbox.context).isEmpty)
  }

  @Test("with another backup says what differs, and what only one of them holds")
  func backups() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one\n"]))
    let first = try await sandbox.deploy(sandbox.release("2", ["app": "two\n"])).stamp
    let second = try await sandbox.deploy(sandbox.release("3", ["app": "two\n", "new": "n\n"])).stamp
    let (old, new) = (try #require(first).description, try #require(second).description)
    let found = try await comparison.between(old, new)
    #expect(found.files.map(\.path) == [sandbox.target("app")] && found.units.isEmpty)
    #expect(found.files[0].diff.suffix(2) == ["-one", "+two"])
    #expect(found.unknown == [sandbox.target("new")])
    #expect(try await comparison.between(old, old).isEmpty)
  }

  @Test("never shows a content that is not what was saved")
  func damaged() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one\n"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two\n"])).stamp)
    try TestFiles.flipBit(sandbox.store.contents(stamp) + sandbox.target("app"))
    let found = try await comparison.withHost(stamp.description, sandbox.context)
    #expect(found.files.count == 1 && found.files[0].diff.isEmpty)
  }
}
