internal import Deployment
internal import Glibc

/// Who holds the lock, what for, and since when.
public struct LockHolder: Sendable, Hashable, Codable {
  public var pid: Int32
  public var user: String
  public var command: String
  public var stage: String
  /// Whole seconds since 1970.
  public var started: Int

  public init(pid: Int32, user: String, command: String, stage: String, started: Int) {
    self.pid = pid
    self.user = user
    self.command = command
    self.stage = stage
    self.started = started
  }

  /// Whether that is another command, not the same one further on.
  func isAnother(than other: LockHolder) -> Bool {
    (pid, started, command) != (other.pid, other.started, other.command)
  }

  /// Who holds a lock that could not be had; `nil` when that does not stand there within a moment. A holder writes its
  /// name just after it has the lock.
  static func find(_ path: String) -> LockHolder? {
    for _ in 1...20 {
      if let holder = try? read(path) { return holder }
      poll(nil, 0, 10)
    }
    return nil
  }

  static func read(_ path: String) throws -> LockHolder {
    // The line may be in the middle of being replaced by a shorter one.
    let line = try Files.read(path).prefix { $0 != UInt8(ascii: "\n") }
    return try JSON.decode(LockHolder.self, from: line, path: path)
  }
}

extension LockHolder: CustomStringConvertible {
  public var description: String {
    "pid \(pid) of \(user), '\(command)', in '\(stage)', since \(UTC.text(started))"
  }
}
