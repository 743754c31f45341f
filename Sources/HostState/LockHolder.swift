internal import CLinux
package import Deployment
internal import FileOperations
internal import Glibc

/// Who holds the lock, what for, and since when.
package struct LockHolder: Sendable, Hashable, Codable {
  package var pid: Int32
  package var user: String
  package var command: String
  package var stage: String
  /// Whole seconds since 1970.
  package var started: Int
  /// Until when the stage has to be over, in whole seconds since the boot (`CLOCK_BOOTTIME`); `nil` where none is known.
  package var deadline: Int?

  package init(pid: Int32, user: String, command: String, stage: String, started: Int) {
    self.pid = pid
    self.user = user
    self.command = command
    self.stage = stage
    self.started = started
  }

  /// Whether that is another command, not the same one further on.
  package func isAnother(than other: LockHolder) -> Bool {
    (pid, started, command) != (other.pid, other.started, other.command)
  }

  /// Who holds a lock that could not be had; `nil` when that does not stand there within a moment. A holder writes its
  /// name just after it has the lock.
  package static func find(_ path: String) -> LockHolder? {
    for _ in 1...20 {
      if let holder = try? read(path) { return holder }
      poll(nil, 0, 10)
    }
    return nil
  }

  /// Who holds the lock right now, by the kernel's word; `nil` where nobody does or this user may not see it.
  package static func current(_ state: StateFolder) -> LockHolder? {
    guard let holder = try? read(state.lock), LockOwner(pid: holder.pid, lock: state.lock) != nil else { return nil }
    return holder
  }

  package static func read(_ path: String) throws -> LockHolder {
    // The line may be in the middle of being replaced by a shorter one.
    let line = try Files.read(path).prefix { $0 != UInt8(ascii: "\n") }
    // As it is while nobody holds the lock; a decoder would make an error of it that is dear to put in words.
    guard !line.isEmpty else { throw UnreadableRecord(path: path, why: "it is empty") }
    return try JSON.decode(LockHolder.self, from: line, path: path)
  }
}

extension LockHolder: CustomStringConvertible {
  package var description: String {
    "pid \(pid) of \(user), '\(command)', in '\(stage)', since \(UTC.text(started))"
  }
}

/// The process that holds the lock by the kernel's word, held fast: whatever its number is given to later, a signal
/// meets this process or nobody.
package struct LockOwner: ~Copyable {
  private let file: Int32

  /// - Returns: `nil` unless the process of that number lives and holds a `flock` on `path`.
  package init?(pid: Int32, lock path: String) {
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
  /// Whether it ends within a time.
  package func ends(within limit: Duration) -> Bool {
    var watched = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, Int32(clamping: Int64(limit / .milliseconds(1)))) > 0
  }

  @discardableResult
  package func signal(_ number: Int32) -> Bool { pidfd_send_signal(file, number, nil, 0) == 0 }
}

/// The host's lock is held by somebody else.
package enum LockError: CommandError, Hashable {
  /// - Parameter holder: `nil` where the holder has not written its name yet.
  case held(LockHolder?, path: String)

  package var exitStatus: ExitStatus { .locked }

  package var description: String {
    switch self {
    case .held(let holder, let path):
      "another transaction holds the lock '\(path)': \(holder.map(String.init(describing:)) ?? "it has just started")"
        + "; run the command again when it has ended, or add --wait 60s (deploy, rollback, backup, recover)"
    }
  }
}
