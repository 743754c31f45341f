import FileOperations
import Glibc
import TestSupport
import Testing

@testable import KnownDigests

@Suite("The file that digests are kept in", .enabled(if: geteuid() == 0, "the digests are root's"))
struct DigestFileTests {
  private let host: Host
  private let path: String

  init() throws {
    host = try Host()
    path = host.state + "/digests"
    try host.settle()
    try host.learn()
    try host.lie()
    try #require(try host.learn() == Host.theLie)
  }

  private func put(_ bytes: [UInt8]) throws {
    let file = open(path, O_WRONLY | O_TRUNC)
    try #require(file >= 0)
    defer { close(file) }
    try #require(write(file, bytes, bytes.count) == bytes.count)
  }

  @Test("counts as empty wherever it is torn, and is written anew")
  func torn() throws {
    let whole = try Files.read(path)
    for length in 0..<whole.count {
      try put(Array(whole.prefix(length)))
      #expect(try host.kept() == 0)
    }
    #expect(try host.learn() == host.truth())
    #expect(try host.kept() == 1)
  }

  @Test("counts as empty where a byte is another one, or more follow")
  func garbage() throws {
    let whole = try Files.read(path)
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1
      try put(bytes)
      #expect(try host.kept() == 0)
    }
    for more in [1, 100, 5000] {
      try put(whole + [UInt8](repeating: 7, count: more))
      #expect(try host.kept() == 0)
    }
    #expect(try host.learn() == host.truth())
  }

  enum Foreign: CaseIterable { case link, pipe, folder, owner, mode, endless, folderOfOthers }

  @Test("is believed only where it is root's alone, and never waited for", arguments: Foreign.allCases)
  func foreign(_ foreign: Foreign) throws {
    switch foreign {
    case .link:
      try #require(rename(path, path + "-elsewhere") == 0)
      try #require(symlink(path + "-elsewhere", path) == 0)
    case .pipe: try #require(unlink(path) == 0 && mkfifo(path, 0o600) == 0)
    case .folder: try #require(unlink(path) == 0 && mkdir(path, 0o700) == 0)
    case .owner: try #require(chown(path, 1000, 0) == 0)
    case .mode: try #require(chmod(path, 0o640) == 0)
    case .endless: try #require(truncate(path, 1 << 40) == 0)
    case .folderOfOthers: try #require(chmod(host.state, 0o777) == 0)
    }
    #expect(try host.learn() == host.truth())
  }

  @Test("holds so many files and no more, those that were asked for first")
  func bounded() throws {
    let era = try #require(Era.now)
    let some = try #require(DigestFile.read(path, of: era).values.first)
    let many = (0..<20).map { number in
      var entry = some
      entry.facts.identity.inode = UInt64(number)
      return entry
    }
    DigestFile.write(many + [some], of: era, to: path)
    try host.settle("something else", at: host.suite.path + "/other")
    let digests = KnownDigests(in: host.state, during: era, most: 2)
    #expect(try digests.digest(of: FileLocation(own: host.file)) == Host.theLie)
    _ = try digests.digest(of: FileLocation(own: host.suite.path + "/other"))
    digests.keep()
    #expect(try host.kept() == 2)
    try host.lie()
    for path in [host.file, host.suite.path + "/other"] { #expect(try host.learn(path) == Host.theLie) }
  }
}
