import Deployment
import FileOperations
import Glibc
import TestSupport
import Testing

@Suite("Many paths in a row")
struct ManyPathsTests {
  private let suite: SuiteFolder

  /// Folders with files, a link to one of them, a link that leads nowhere, one to which everybody may write, and a sticky one.
  init() throws {
    suite = try SuiteFolder(in: "/var/lib")
    for folder in ["real", "real/deep", "open", "sticky", "sticky/own"] {
      try Files.makeFolders("\(suite.path)/\(folder)", mode: 0o755)
    }
    for file in ["real/a", "real/b", "real/deep/c", "open/d", "sticky/e", "sticky/own/f"] {
      try suite.folder.write(file, to: file)
    }
    try #require(symlink("real", suite.path + "/link") == 0 && symlink("nowhere", suite.path + "/dangling") == 0)
    try #require(symlink("../open/d", suite.path + "/real/to-open") == 0)
    try #require(chmod(suite.path + "/open", 0o777) == 0 && chmod(suite.path + "/sticky", 0o1777) == 0)
  }

  private var paths: [String] {
    [
      "real/a", "real/b", "link/a", "link/b", "link/deep/c", "real/new", "link/new", "link/new/below/it",
      "link/new/other", "dangling/x", "dangling/y", "real/a/below", "open/d", "open/new", "sticky/e", "sticky/own/f",
      "real/to-open",
      "real//a", "real/deep/../b", "link/", "real/.", "nothing/at/all", "nothing/at/all2",
    ].map { suite.path + "/" + $0 } + ["/", "/etc", "name", "a/b", ""]
  }

  @Test("have the places that each has by itself")
  func places() {
    var places = Places()
    // As manifests and records write them: no slash too many.
    for path in paths + paths.reversed() where !path.contains("//") && !path.hasSuffix("/") {
      #expect(places.place(of: path) == Paths.place(of: path), "\(path)")
    }
  }

  @Test("are trusted as each is by itself")
  func trust() {
    let alone = paths.compactMap { PathTrust.root.fault(of: $0) }
    var each: [PathTrust.Fault] = []
    for fault in alone where !each.contains(fault) { each.append(fault) }
    #expect(PathTrust.root.faults(of: paths) == each)
    #expect(each.contains { $0.path.hasSuffix("/open") } && !each.contains { $0.path.hasSuffix("/sticky") })
  }

  @Test("are read as each is by itself")
  func states() throws {
    var last = LastFolder()
    for path in paths where !path.isEmpty {
      #expect(try FileState.read(path, in: &last) == FileState.read(path), "\(path)")
    }
    for path in paths where path.hasPrefix("/") && path.count > 4 && !path.contains("dangling") {
      let alone = Result { try FileState.read(shared: path) }
      let among = Result { try FileState.read(shared: path, in: &last) }
      #expect((try? alone.get()) == (try? among.get()), "\(path)")
    }
  }

  @Test("lie on the filesystems on which each lies by itself")
  func filesystems() throws {
    var known = Filesystems()
    for path in paths + ["/proc/version", "/dev/null", "/dev/new", "/dev/new2"] where path.hasPrefix("/") {
      #expect(try known.holding(path) == Filesystem(holding: path), "\(path)")
    }
  }
}
