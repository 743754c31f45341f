import Basics
import Deployment
import FileOperations
import Glibc
import Testing

@Suite("A folder that a service's user owns")
struct FolderTests {
  private static let other: uid_t = 4242
  let sandbox: Sandbox
  private let (shared, elsewhere): (String, String)

  init() throws {
    sandbox = try Sandbox()
    shared = sandbox.root + "/app"
    elsewhere = sandbox.root + "/elsewhere"
    try TestFiles.write("x", to: shared + "/conf/keep")
    try TestFiles.write("x", to: elsewhere + "/keep")
    for path in [shared, shared + "/conf"] { chown(path, Self.other, Self.other) }
  }

  @Test("keeps what is done in it, whatever its owner puts in its place meanwhile")
  func swapped() throws {
    let location = try FileLocation(shared: shared + "/conf/app.conf")
    rename(shared + "/conf", shared + "/conf.old")
    symlink(elsewhere, shared + "/conf")
    try location.staged.create(mode: 0o644) { file in
      try Array("new".utf8).withUnsafeBytes { try Files.writeAll($0, to: file, path: "new") }
    }
    try location.staged.rename(to: location.name)
    #expect(TestFiles.names(elsewhere) == ["keep"])
    #expect(try TestFiles.read(shared + "/conf.old/app.conf") == "new")
    try location.remove()
    #expect(TestFiles.names(shared + "/conf.old") == ["keep"])
  }

  @Test("leads nowhere by its owner's symlinks, for reading as little as for writing")
  func untrusted() throws {
    try #require(rename(shared + "/conf", shared + "/conf.old") == 0)
    try #require(symlink(elsewhere, shared + "/conf") == 0)
    for owner in [Self.other, 0] {
      // Of root's links only those count that lie where root alone can write.
      lchown(shared + "/conf", owner, owner)
      #expect(throws: UntrustedLink.self) { try FileLocation(shared: shared + "/conf/app.conf") }
      #expect(throws: UntrustedLink.self) { try FileState.read(shared: shared + "/conf/keep") }
      #expect(throws: UntrustedLink.self) { try Folder.shared(shared + "/conf/new/er", making: 0o755) }
      #expect(try FileLocation.reachable(shared + "/conf/keep")?.path == nil)
    }
    #expect(TestFiles.names(elsewhere) == ["keep"])
  }

  @Test("is come to by root's own symlinks, also by several and by relative ones")
  func trusted() throws {
    symlink("app", sandbox.root + "/one")
    symlink("../\(sandbox.root.split(separator: "/").last ?? "")/one/./conf/..", sandbox.root + "/two")
    #expect(try FileState.read(shared: sandbox.root + "/two/conf/keep").size == 1)
    symlink("loop", sandbox.root + "/loop")
    #expect(throws: FileError.self) { try FileState.read(shared: sandbox.root + "/loop/x") }
    #expect(try FileState.read(shared: sandbox.root + "/none/x") == .absent)
    #expect(try FileState.read(shared: elsewhere + "/keep/x") == .absent)
  }

  @Test("gets new folders with the mode that is said, and what is no file is never waited for")
  func makes() throws {
    _ = try Folder.shared(shared + "/a/b", making: 0o700)
    #expect(try TestFiles.facts(shared + "/a/b").st_mode & 0o7777 == 0o700)
    mkfifo(shared + "/pipe", 0o600)
    #expect(try FileState.read(shared: shared + "/pipe").type == .other)
    #expect(throws: FileError.self) { try Digest.file(shared + "/pipe") }
    #expect(throws: FileError.self) { try Files.read("/dev/zero") }
  }

  @Test("may hold a file of any size and time: it is copied, or refused in words")
  func sizes() throws {
    let path = shared + "/conf/file"
    try TestFiles.write("content", to: path)
    var times = [timespec(tv_sec: 13_000_000_000, tv_nsec: 7), timespec(tv_sec: 13_000_000_000, tv_nsec: 7)]
    try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
    let state = try FileState.read(shared: path)
    #expect((state.mtime?.seconds ?? 0) > 9_223_372_036)
    try FileCopy.copy(FileLocation(shared: path), to: FileLocation(own: elsewhere + "/copy"), as: state)
    #expect(try FileState.read(elsewhere + "/copy") == state)
    // Seven exabytes that nobody has stored.
    if truncate(path, 7 << 60) == 0 || truncate(path, 1 << 43) == 0 {
      #expect(throws: FileError.self) { try FileState.read(shared: path) }
      #expect(try FileState.read(shared: path, expecting: state).sha256 == nil)
    }
  }
}
