import FileOperations
import Glibc
import TestSupport
import Testing

@testable import KnownDigests

@Suite("Where something is mounted, a file", .enabled(if: geteuid() == 0, "only root mounts"))
struct MountTests {
  private let host: Host

  init() throws { host = try Host() }

  @Test("that another filesystem hides is not taken for the one that is seen")
  func mountedOver() async throws {
    try host.suite.folder.write("", to: "place/none")
    let path = host.suite.path + "/place/file"
    try host.settle(at: path)
    try host.learn(path)
    try host.lie()
    try await inOwnMounts { [host] in
      try mountNew("tmpfs", at: host.suite.path + "/place")
      try host.settle("9876543210", at: path)
      #expect(try host.learn(path) == host.truth(path))
    }
    #expect(try host.learn(path) == Host.theLie)
  }

  @Test("that is seen through a bind mount is read, and a change through it is seen")
  func bindMount() async throws {
    try host.settle()
    try host.learn()
    try host.lie()
    try await inOwnMounts { [host] in
      let path = host.suite.path + "/bound"
      try host.suite.folder.write("", to: "bound")
      // MS_BIND
      try #require(mount(host.file, path, nil, 4096, nil) == 0)
      #expect(try host.learn(path) == host.truth())
      try host.overwrite("9876543210", at: path)
      #expect(try host.learn(path) == host.truth())
    }
    #expect(try host.learn() == host.truth())
  }

  @Test("is read again on a filesystem that was mounted anew, though numbers and times are the same")
  func mountedAnew() async throws {
    try await inOwnMounts { [host] in
      let place = host.suite.path + "/place"
      try host.suite.folder.write("", to: "place/none")
      try #require(mount(host.suite.path, place, nil, 4096, nil) == 0)
      try host.settle()
      try host.learn(place + "/file")
      try host.lie()
      #expect(try host.learn(place + "/file") == Host.theLie)
      try #require(umount(place) == 0)
      try #require(mount(host.suite.path, place, nil, 4096, nil) == 0)
      #expect(try host.learn(place + "/file") == host.truth())
    }
  }

  @Test(
    "in memory or in an overlay is always read: there a mapping changes it and no time tells", arguments: [false, true])
  func unseenChange(isOverlay: Bool) async throws {
    try await inOwnMounts { [host] in
      let place = host.suite.path + "/place"
      try mountNew("tmpfs", at: place)
      for name in ["/lower", "/upper", "/work", "/seen"] { try #require(mkdir(place + name, 0o755) == 0) }
      let path = place + (isOverlay ? "/seen/file" : "/file")
      if isOverlay {
        try host.overwrite("0123456789", at: place + "/lower/file")
        try mountNew(
          "overlay", at: place + "/seen", "lowerdir=\(place)/lower,upperdir=\(place)/upper,workdir=\(place)/work")
      }
      try host.settle(at: path)
      try host.learn(path)
      #expect(try host.kept() == 0)
      let facts = try FileLocation(own: path).facts()
      let file = open(path, O_RDWR)
      let pages = try #require(mmap(nil, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0))
      close(file)
      #expect(pages.load(as: UInt8.self) == UInt8(ascii: "0"))
      pages.storeBytes(of: UInt8(ascii: "x"), as: UInt8.self)
      munmap(pages, 4096)
      // Where this fails, Linux has learned to tell, and such a file may be known.
      #expect(try FileLocation(own: path).facts() == facts)
      #expect(try host.learn(path) == host.truth(path))
    }
  }

  @Test("is known of or not, but never an error, where there is no disk space to keep its digest")
  func diskFull() async throws {
    try host.settle()
    try await inOwnMounts { [host] in
      try mountNew("tmpfs", at: host.state, "size=4k,mode=0700")
      try host.suite.folder.write(String(repeating: "x", count: 4096), to: "state/full")
      #expect(try host.learn() == host.truth())
      #expect(try host.learn() == host.truth())
      #expect(try Files.names(in: host.state) == ["full"])
    }
  }
}
