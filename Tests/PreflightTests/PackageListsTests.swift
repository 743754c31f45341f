import FileOperations
import Testing

@testable import Preflight

@Suite("dpkg's lists of files")
struct PackageListsTests {
  private let folder = "/tmp/qtctl-lists-\(UInt64.random(in: .min ... .max))"

  private func withLists<Value>(format: String? = "1\n", _ lists: [String: String], _ body: () -> Value) throws -> Value
  {
    try Files.makeFolders(folder, mode: 0o755)
    defer { try? Files.removeTree(folder) }
    if let format { try Files.replace(folder + "/format", with: Array(format.utf8), mode: 0o644) }
    for (name, text) in lists { try Files.replace(folder + "/" + name, with: Array(text.utf8), mode: 0o644) }
    return body()
  }

  @Test(
    "answer only for whole lines",
    arguments: [
      ("/usr/bin/app", true), ("/usr/bin/ap", false), ("/bin/app", false), ("/usr/bin/app2", false),
      ("/usr/bin", true), ("/etc/app.conf", true), ("/etc/last", true), ("/.", true), ("", false),
    ])
  func wholeLines(_ path: String, _ isNamed: Bool) throws {
    let lists = [
      "a.list": "/.\n/usr\n/usr/bin\n/usr/bin/app\n", "b:amd64.list": "/etc/app.conf\n/etc/last", "empty.list": "",
      "a.conffiles": "/usr/bin/ap\n",
    ]
    try withLists(lists) {
      #expect(PackageLists(in: folder, isMoved: false).mayName(anyOf: ["/nowhere", path]) == isNamed)
    }
  }

  @Test("are found in a long list too")
  func longList() throws {
    let lines = (0..<20_000).map { "/usr/share/some/package/file-\($0)\n" }.joined()
    try withLists(["a.list": lines + "/usr/bin/app\n"]) {
      let lists = PackageLists(in: folder, isMoved: false)
      #expect(lists.mayName(anyOf: ["/usr/bin/app"]))
      #expect(lists.mayName(anyOf: ["/usr/share/some/package/file-9999"]))
      #expect(!lists.mayName(anyOf: ["/usr/share/some/package/file-20000"]))
    }
  }

  @Test("say nothing where they are not as they are known to be", arguments: ["2\n", "", nil])
  func otherFormat(_ format: String?) throws {
    try withLists(format: format, ["a.list": "/usr\n"]) {
      #expect(PackageLists(in: folder, isMoved: false).mayName(anyOf: ["/nowhere"]))
    }
  }

  @Test("say nothing where they are elsewhere, or cannot be read")
  func elsewhere() throws {
    #expect(PackageLists(in: folder, isMoved: false).mayName(anyOf: ["/nowhere"]))
    try withLists(["a.list": "/usr\n"]) {
      #expect(PackageLists(in: folder, isMoved: true).mayName(anyOf: ["/nowhere"]))
      #expect(!PackageLists(in: folder, isMoved: false).mayName(anyOf: []))
    }
    try withLists([:]) {
      try? Files.makeFolders(folder + "/folder.list", mode: 0o755)
      #expect(PackageLists(in: folder, isMoved: false).mayName(anyOf: ["/nowhere"]))
    }
  }
}
