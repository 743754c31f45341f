internal import FileOperations
internal import Glibc
internal import SystemPackage

/// The host's one lock for whatever changes it. The kernel holds it (`flock`), so it ends with its process,
/// whatever that dies of; who holds it stands in the file, for people.
package final class TransactionLock {
  private let file: Int32
  private let path: String
  private var holder: LockHolder

  /// Takes the lock.
  ///
  /// - Parameters:
  ///   - wait: how long to wait for another holder; zero asks once.
  ///   - inLine: whether those who wait already come first, as they do among deploys.
  ///   - tell: is told whom this waits for, once and when that changes.
  /// - Throws: `LockError.held` with the holder.
  package init(
    _ folder: StateFolder, holder: LockHolder, wait: Duration = .zero, inLine: Bool = true,
    tell: (String) -> Void = { _ in }
  ) throws {
    try folder.prepare()
    let path = folder.lock
    let file = Int32(
      try Files.check("open", path) { Int(open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)) })
    do {
      guard try Self.take(file, in: folder, wait: wait, inLine: inLine, tell: tell) else {
        throw LockError.held(LockHolder.find(path), path: path)
      }
    } catch {
      close(file)
      throw error
    }
    self.file = file
    self.path = path
    self.holder = holder
    write()
  }

  private static func take(
    _ file: Int32, in folder: StateFolder, wait: Duration, inLine: Bool, tell: (String) -> Void
  ) throws -> Bool {
    guard wait > .zero else { return flock(file, LOCK_EX | LOCK_NB) == 0 }
    let line = inLine ? try WaitingLine(folder) : nil
    if line?.ahead ?? 0 == 0, flock(file, LOCK_EX | LOCK_NB) == 0 {
      line?.leave()
      return true
    }
    var told: LockHolder?
    return FlockWaiter(file: file, line: line).take(within: wait) {
      guard let holder = try? LockHolder.read(folder.lock), told.map(holder.isAnother(than:)) ?? true else { return }
      told = holder
      let before = line?.ahead ?? 0
      tell("waiting for \(holder)" + (before == 0 ? "" : "; \(before) ahead of this one"))
    }
  }

  deinit {
    // Nobody is to be named as holder who no longer is.
    ftruncate(file, 0)
    close(file)
  }

  /// Says, for whoever looks, how far the transaction is.
  ///
  /// - Parameter limit: how long the stage may take; past it, the rollback watchdog takes the transaction for hung.
  package func enter(_ stage: String, within limit: Duration? = nil) {
    holder.stage = stage
    holder.deadline = limit.map { Self.secondsSinceBoot + Int(clamping: $0.components.seconds) + 1 }
    write()
  }

  /// A clock that nobody sets, and that goes on while the machine sleeps.
  package static var secondsSinceBoot: Int {
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return time.tv_sec
  }

  /// Only for people: what cannot be said must not end a transaction. The new line is there before the rest of the old
  /// one goes, so that a reader always finds a holder.
  private func write() {
    guard let bytes = try? JSON.line(holder), pwrite(file, bytes, bytes.count, 0) == bytes.count else { return }
    ftruncate(file, off_t(bytes.count))
  }
}
