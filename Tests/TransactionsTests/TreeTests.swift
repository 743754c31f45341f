import Basics
import Deployment
import FileOperations
import Glibc
import Releases
import TestSupport
import Testing
import Transactions

@Suite("A folder as source")
struct TreeTests {
  private let sandbox: Sandbox
  private var app: String { sandbox.target("app") }

  init() throws { sandbox = try Sandbox() }

  /// A release of one folder, `app`, with files by path and links by path.
  private func release(
    _ version: String, _ files: [String: String], links: [String: String] = [:], keys: String = ""
  ) throws -> Release {
    let folder = sandbox.root + "/release-" + version
    try Files.makeFolders(folder + "/app", mode: 0o755)
    for (path, text) in files {
      try TestFiles.write(text, to: folder + "/app/" + path)
    }
    for (path, link) in links {
      let place = folder + "/app/" + path
      try Files.makeFolders(Files.parent(of: place), mode: 0o755)
      try FileCopy.makeLink(to: link, at: FileLocation(own: place), as: FileState(.symlink))
    }
    try TestFiles.write(
      """
      name: sandbox
      version: "\(version)"
      backups: {directory: \(sandbox.root)/store}
      files: [{source: app, target: \(app)\(keys)}]
      services: [{unit: a.service}]
      """, to: folder + "/qtctl.yaml")
    return try Release(at: folder)
  }

  private func text(_ path: String) throws -> String {
    String(decoding: try Files.read(app + "/" + path), as: UTF8.self)
  }

  @Test("brings files, links and folders, and a rollback takes them away; what services wrote stays")
  func comesAndGoes() async throws {
    try await sandbox.deploy(release("1", ["a": "1", "sub/b": "1", "gone": "1"], links: ["l": "sub/b"]))
    try TestFiles.write("own", to: app + "/sub/written")
    #expect(try text("sub/b") == "1" && FileState.read(app + "/l").link == "sub/b")
    try await sandbox.deploy(release("2", ["a": "2", "sub/b": "1", "new/deep/c": "2"]))
    #expect(try text("a") == "2" && text("new/deep/c") == "2" && text("sub/written") == "own")
    #expect(!Files.exists(app + "/gone") && !Files.exists(app + "/l"))
    try await sandbox.rollBack()
    #expect(try text("a") == "1" && text("gone") == "1" && FileState.read(app + "/l").link == "sub/b")
    #expect(try !Files.exists(app + "/new") && text("sub/written") == "own")
  }

  @Test("turns a file into a folder, a folder into a file and into a link, and back")
  func changesTypes() async throws {
    try await sandbox.deploy(release("1", ["x": "file", "y/in/z": "folder", "w/v": "folder"]))
    let before = try sandbox.live()
    try await sandbox.deploy(release("2", ["x/in/z": "folder", "y": "file"], links: ["w": "x"]))
    #expect(try text("x/in/z") == "folder" && text("y") == "file" && FileState.read(app + "/w").link == "x")
    try await sandbox.rollBack()
    #expect(try sandbox.live() == before)
  }

  @Test("takes a link that the last release brought for a folder, and names with every character")
  func names() async throws {
    let names =
      [
        "a\r\nb", "quote'", "quote'\u{301}", "\u{301}x", "é", "e\u{301}", "हिन्दी", "\u{10FF80}", "back\\slash", "-rf",
        "$(id)", "Case", "case", "  ",
      ].map { FileName.text(Array($0.utf8)) } + [1, 0x1B, 0x7F, 0x80, 0xC3, 0xFF].map { FileName.text([$0]) }
    let all = names.flatMap { [$0, "sub/" + $0, "in \($0)/f"] }
    // Of two names with the same bytes.
    let bytes = all.map { FileName.bytes($0) }
    #expect(Set(bytes).count == all.count)
    func files(_ text: String) -> [String: String] { Dictionary(uniqueKeysWithValues: all.map { ($0, text) }) }
    try await sandbox.deploy(release("1", files("1"), links: ["l": "sub"]))
    let before = try sandbox.live()
    try await sandbox.deploy(release("2", files("2").merging(["l/f": "2"]) { first, _ in first }))
    #expect(try all.allSatisfy { try text($0) == "2" } && text("l/f") == "2")
    try await sandbox.rollBack()
    #expect(try sandbox.live() == before)
  }

  @Test("leaves alone what 'exclude' hides, on both sides, and removes other files where 'extra' says so")
  func excludes() async throws {
    try TestFiles.write("state", to: app + "/data/db")
    try TestFiles.write("log", to: app + "/sub/x.log")
    try TestFiles.write("extra", to: app + "/sub/extra")
    let keys = ", exclude: [\"/data/\", \"*.log\", \"!keep.log\"], extra: remove"
    let first = try await sandbox.deploy(
      release("1", ["a": "1", "data/db": "release", "x.log": "release", "keep.log": "release"], keys: keys))
    #expect(try text("data/db") == "state" && text("sub/x.log") == "log" && text("keep.log") == "release")
    #expect(!Files.exists(app + "/x.log") && !Files.exists(app + "/sub/extra"))
    try await sandbox.rollBack(first.stamp)
    #expect(try text("sub/extra") == "extra" && text("data/db") == "state" && !Files.exists(app + "/a"))
  }

  @Test("keeps the mode of what exists, with the executable bits of the source")
  func keepsModes() async throws {
    try TestFiles.write("0", to: app + "/a")
    #expect(chmod(app + "/a", 0o640) == 0)
    let release = try release("1", ["a": "1"])
    #expect(chmod(sandbox.root + "/release-1/app/a", 0o755) == 0)
    try await sandbox.deploy(Release(at: sandbox.root + "/release-1"))
    #expect(try FileState.read(app + "/a").mode == 0o750 && release.desired.trees.count == 1)
  }

  @Test("is refused where the host has a symlink for its folder, and where its folder on the host is to be a file")
  func refuses() async throws {
    try Files.makeFolders(app, mode: 0o755)
    try FileCopy.makeLink(to: "/etc", at: FileLocation(own: app + "/sub"), as: FileState(.symlink))
    await #expect { try await sandbox.deploy(release("1", ["sub/b": "1"])) } throws: {
      "\($0)".contains("is a symlink to /etc")
    }
    try TestFiles.write("own", to: app + "/y/own")
    await #expect { try await sandbox.deploy(release("2", ["y": "1"])) } throws: {
      "\($0)".contains("is a folder with files of the host, such as 'own'")
    }
    #expect(try text("y/own") == "own")
  }

  @Test(
    "is no device, and no file that the kernel makes when it is read",
    arguments: [("/dev/zero", "is a device, pipe or socket"), ("/proc/self/mem", "is no file on a disk")])
  func notOnDisk(source: String, words: String) throws {
    let folder = sandbox.root + "/release-made"
    try TestFiles.write(
      "name: sandbox\nfiles: [{source: \(source), target: \(app)/x}]\nservices: [{unit: a.service}]\n",
      to: folder + "/qtctl.yaml")
    #expect { try Release(at: folder) } throws: { "\($0)".contains(words) }
  }
}
