internal import Glibc
internal import SystemPackage

/// The host's one lock for whatever changes it. The kernel holds it (`flock`), so it ends with its process,
/// whatever that dies of; who holds it stands in the file, for people.
public final class TransactionLock {
  private let file: Int32
  private let path: String
  private var holder: LockHolder

  /// Takes the lock.
  ///
  /// - Parameter wait: how long to wait for another holder; zero asks once.
  /// - Throws: `HostError.locked` with the holder.
  public init(_ folder: StateFolder, holder: LockHolder, wait: Duration = .zero) throws {
    try folder.prepare()
    let path = folder.lock
    let file = Int32(
      try Files.check("open", path) { Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    guard FlockWaiter.take(file, within: wait) else {
      close(file)
      throw HostError.locked(try? LockHolder.read(path), path: path)
    }
    self.file = file
    self.path = path
    self.holder = holder
    write()
  }

  deinit {
    // Nobody is to be named as holder who no longer is.
    ftruncate(file, 0)
    close(file)
  }

  /// Says, for whoever looks, how far the transaction is.
  public func enter(_ stage: String) {
    holder.stage = stage
    write()
  }

  /// Only for people: what cannot be said must not end a transaction. The new line is there before the rest of the old
  /// one goes, so that a reader always finds a holder.
  private func write() {
    guard let bytes = try? JSON.line(holder), pwrite(file, bytes, bytes.count, 0) == bytes.count else { return }
    ftruncate(file, off_t(bytes.count))
  }
}
