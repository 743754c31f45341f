internal import CLinux
internal import Glibc

/// The process that holds the lock by the kernel's word, held fast: whatever its number is given to later, a signal
/// meets this process or nobody.
struct LockOwner: ~Copyable {
  private let file: Int32

  /// - Returns: `nil` unless the process of that number lives and holds a `flock` on `path`.
  init?(pid: Int32, lock path: String) {
    let file = pidfd_open(pid, 0)
    guard file >= 0 else { return nil }
    // Looked at after the process is held: it is the same that is signalled.
    var (wanted, found) = (stat(), stat())
    let numbers = stat(path, &wanted) == 0 ? (try? Files.names(in: "/proc/\(pid)/fd")) ?? [] : []
    let holds = numbers.contains { number in
      guard stat("/proc/\(pid)/fd/\(number)", &found) == 0, found.st_ino == wanted.st_ino,
        found.st_dev == wanted.st_dev
      else { return false }
      let facts = (try? Files.read("/proc/\(pid)/fdinfo/\(number)")) ?? []
      return String(decoding: facts, as: UTF8.self).contains("FLOCK")
    }
    guard holds else {
      close(file)
      return nil
    }
    self.file = file
  }

  deinit { close(file) }

  /// Whether it was still there.
  @discardableResult
  func signal(_ number: Int32) -> Bool { pidfd_send_signal(file, number, nil, 0) == 0 }
}
