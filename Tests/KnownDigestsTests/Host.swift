import FileOperations
import Glibc
import TestSupport
import Testing

@testable import KnownDigests

/// A folder of files, and the folder in which their digests are kept.
struct Host {
  let suite: SuiteFolder
  let state: String
  var file: String { suite.path + "/file" }

  /// - Parameter folder: in which the files are; `/var/lib` is on a disk.
  init(in folder: String = "/var/lib") throws {
    suite = try SuiteFolder(in: folder)
    state = suite.path + "/state"
    try #require(mkdir(state, 0o700) == 0)
  }

  /// What a command learns of a path, kept for the next one.
  @discardableResult
  func learn(_ path: String? = nil, during era: Era? = .now) throws -> String {
    let digests = KnownDigests(in: state, during: era)
    defer { digests.keep() }
    return try digests.digest(of: FileLocation(own: path ?? file))
  }

  /// Makes every digest that is kept a lie, so that it shows what is not read.
  func lie() throws {
    let era = try #require(Era.now)
    let entries = DigestFile.read(state + "/digests", of: era).values.map {
      KnownDigests.Entry(facts: $0.facts, digest: RawDigest(words: .zero))
    }
    DigestFile.write(entries, of: era, to: state + "/digests")
  }

  static let theLie = String(repeating: "0", count: 64)

  /// How many digests are kept.
  func kept() throws -> Int { DigestFile.read(state + "/digests", of: try #require(Era.now)).count }

  /// Writes a file of ten bytes whose times are old enough to be trusted.
  func settle(_ text: String = "0123456789", at path: String? = nil) throws {
    try overwrite(text, at: path)
    usleep(150_000)
  }

  /// Changes the bytes in place.
  func overwrite(_ text: String, at path: String? = nil) throws {
    let file = open(path ?? file, O_WRONLY | O_CREAT, 0o600)
    try #require(file >= 0)
    defer { close(file) }
    try #require(pwrite(file, text, text.utf8.count, 0) == text.utf8.count)
  }

  func times() throws -> stat {
    var facts = stat()
    try #require(lstat(file, &facts) == 0)
    return facts
  }

  /// Sets the time of modification, as `touch -d` does.
  func setModified(_ time: timespec) throws {
    try #require(
      withUnsafePointer(to: (time, time)) {
        $0.withMemoryRebound(to: timespec.self, capacity: 2) { utimensat(AT_FDCWD, file, $0, 0) }
      } == 0)
  }

  /// What reading shows.
  func truth(_ path: String? = nil) throws -> String { try Digest.file(FileLocation(own: path ?? file)) }
}

/// Runs a piece of work on a thread whose mounts nobody else sees, and which end with it.
func inOwnMounts(_ body: @escaping @Sendable () throws -> Void) async throws {
  try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
    let work = Unmanaged.passRetained(
      Work {
        continuation.resume(
          with: Result {
            typealias Unshare = @convention(c) (Int32) -> Int32
            let unshare = unsafeBitCast(try #require(dlsym(nil, "unshare")), to: Unshare.self)
            // CLONE_NEWNS, MS_REC | MS_PRIVATE.
            try #require(unshare(0x20000) == 0)
            try #require(mount("none", "/", nil, 1 << 14 | 1 << 18, nil) == 0)
            try body()
          })
      })
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { raw in
        raw.map { Unmanaged<Work>.fromOpaque($0).takeRetainedValue().body() }
        return nil
      }, work.toOpaque())
    pthread_detach(thread)
  }
}

private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

func mountNew(_ type: String, at path: String, _ options: String = "") throws {
  if mkdir(path, 0o755) != 0 { try #require(errno == EEXIST) }
  try #require(mount(type, path, type, 0, options) == 0)
}
