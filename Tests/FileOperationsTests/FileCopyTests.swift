import Deployment
import FileOperations
import Glibc
import TestSupport
import Testing

@Suite("A copy of a file")
struct FileCopyTests {
  private let suite: SuiteFolder
  private let source: String
  private var copy: String { suite.path + "/copy" }

  init() throws {
    suite = try SuiteFolder(in: "/var/lib")
    source = try suite.folder.write("", to: "source")
  }

  /// A file of that size with some bytes at some places.
  private func write(size: Int, data: [Int: String]) throws {
    let file = open(source, O_WRONLY)
    try #require(file >= 0)
    defer { close(file) }
    for (place, text) in data { pwrite(file, text, text.utf8.count, off_t(place)) }
    try #require(ftruncate(file, off_t(size)) == 0)
  }

  private func blocks(_ path: String) throws -> blkcnt_t {
    var facts = stat()
    try #require(lstat(path, &facts) == 0)
    return facts.st_blocks
  }

  @Test(
    "has the holes of the source, wherever they are, and its bytes",
    arguments: [
      (0, [:]), (5, [0: "hello"]), (8 << 20, [:]), (8 << 20, [0: "start"]), (8 << 20, [(8 << 20) - 3: "end"]),
      (8 << 20, [3 << 20: "middle", 5 << 20: "again"]),
      (3 << 20, [0: String(repeating: "x", count: (2 << 20) + 1)]),
    ] as [(Int, [Int: String])])
  func holes(size: Int, data: [Int: String]) throws {
    try write(size: size, data: data)
    let state = try FileState.read(source)
    try FileCopy.copy(FileLocation(own: source), to: FileLocation(own: copy), as: state)
    #expect(try FileState.read(copy) == state)
    #expect(try blocks(copy) == blocks(source))
  }

  @Test("is refused where the source is not what was looked at, and nothing is left of it")
  func changed() throws {
    let state = try FileState.read(source)
    try write(size: 1 << 20, data: [:])
    #expect(throws: FileChanged.self) {
      try FileCopy.copy(FileLocation(own: source), to: FileLocation(own: copy), as: state)
    }
    #expect(access(copy, F_OK) != 0)
  }

  @Test("is a symlink where the source is one, with its owner and time, whatever it leads to")
  func link() throws {
    unlink(source)
    try #require(symlink("no \n where", source) == 0)
    try #require(lchown(source, 1, 2) == 0)
    let state = try FileState.read(source)
    try suite.folder.write("in the way", to: "copy")
    try FileCopy.copy(FileLocation(own: source), to: FileLocation(own: copy), as: state)
    #expect(try FileState.read(copy) == state)
    unlink(source)
    #expect(throws: FileChanged.self) {
      try FileCopy.copy(FileLocation(own: source), to: FileLocation(own: copy), as: state)
    }
  }
}
