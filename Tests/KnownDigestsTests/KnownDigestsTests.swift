import FileOperations
import Glibc
import TestSupport
import Testing

@testable import KnownDigests

@Suite("A file that was read before", .enabled(if: geteuid() == 0, "the digests are root's"))
struct KnownDigestsTests {
  private let host: Host

  init() throws { host = try Host() }

  @Test("is not read again while nothing about it changes, by later commands either")
  func known() throws {
    try host.settle()
    #expect(try host.learn() == host.truth())
    try host.lie()
    #expect(try host.learn() == Host.theLie)
  }

  @Test("is read again when it was changed in place in the very tick in which it was read")
  func sameTick() throws {
    for round in 0..<200 {
      try host.overwrite("old \(round % 10)")
      try host.learn()
      try host.overwrite("new \(round % 10)")
      #expect(try host.learn() == host.truth())
    }
  }

  @Test("is not taken for known while its times are as new as the look at it, or in the future")
  func fresh() throws {
    try host.overwrite("0123456789")
    try host.learn()
    #expect(try host.kept() == 0)
    try host.setModified(timespec(tv_sec: time(nil) + 3600, tv_nsec: 1))
    usleep(150_000)
    try host.learn()
    #expect(try host.kept() == 0)
  }

  @Test("is read again when it was changed and its time of modification put back")
  func restoredModified() throws {
    try host.settle()
    try host.learn()
    let before = try host.times()
    try host.overwrite("9876543210")
    try host.setModified(before.st_mtim)
    let after = try host.times()
    #expect(after.st_mtim.tv_nsec == before.st_mtim.tv_nsec && after.st_size == before.st_size)
    #expect(try host.learn() == host.truth())
  }

  @Test("is read again when another file of the same size and time has its name")
  func replacedInode() throws {
    try host.settle()
    try host.learn()
    try host.lie()
    let before = try host.times()
    try host.suite.folder.write("9876543210", to: "other")
    try #require(rename(host.suite.path + "/other", host.file) == 0)
    try host.setModified(before.st_mtim)
    #expect(try host.learn() == host.truth())
  }

  @Test("is read again after the clock was set, back or forward, and after a boot", arguments: [-3600, -1, 1, 3600, 0])
  func clock(seconds: Int64) throws {
    try host.settle()
    let now = try #require(Era.now)
    var era = now
    if seconds == 0 { era.boot = String(repeating: "0", count: Era.bootLength) }
    era.clock += seconds * 1_000_000_000
    try host.learn()
    try host.lie()
    #expect(try host.learn(during: now) == Host.theLie)
    #expect(try host.learn(during: era) == host.truth())
    // Nothing that was learned while the clock was set is kept either.
    let digests = KnownDigests(in: host.state, during: era)
    _ = try digests.digest(of: FileLocation(own: host.file))
    digests.keep()
    #expect(try host.learn(during: now) == Host.theLie)
  }

  @Test("is not taken for known while somebody has it open or mapped for writing")
  func writers() throws {
    try host.settle()
    let file = open(host.file, O_RDWR)
    try host.learn()
    #expect(try host.kept() == 0)
    let pages = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
    close(file)
    pages.storeBytes(of: UInt8(ascii: "x"), as: UInt8.self)
    usleep(150_000)
    try host.learn()
    #expect(try host.kept() == 0)
    // The page is dirty and is written without the time changing, which is why it was not kept.
    pages.storeBytes(of: UInt8(ascii: "y"), as: UInt8.self)
    #expect(try host.learn() == host.truth())
    munmap(pages, 4096)
    try host.learn()
    #expect(try host.kept() == 1)
  }

  @Test("is read again when it is written through a mapping made since, whatever was done with the mapping before")
  func mappedSince() throws {
    try host.settle()
    try host.learn()
    let file = open(host.file, O_RDWR)
    let pages = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
    close(file)
    #expect(pages.load(as: UInt8.self) == UInt8(ascii: "0"))
    pages.storeBytes(of: UInt8(ascii: "x"), as: UInt8.self)
    #expect(try host.learn() == host.truth())
    munmap(pages, 4096)
    #expect(try host.learn() == host.truth())
  }

  @Test("is the same for two commands at once, and what they keep is whole")
  func twoAtOnce() async throws {
    try host.settle()
    await withTaskGroup { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<20 { #expect((try? host.learn()) == (try? host.truth())) }
        }
      }
    }
    try host.settle("again")
    try host.learn()
    #expect(try host.kept() == 1)
    #expect(try Files.names(in: host.state) == ["digests"])
  }
}
