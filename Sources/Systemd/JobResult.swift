/// How a job ended, in systemd's own word. The set is open: a newer systemd may add words.
public struct JobResult: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let done = JobResult(rawValue: "done")
  /// Another job took its place before it ran.
  public static let canceled = JobResult(rawValue: "canceled")
  /// The job's own timeout (`JobTimeoutSec=`) passed.
  public static let timeout = JobResult(rawValue: "timeout")
  /// The unit failed; `UnitStatus.result` says how.
  public static let failed = JobResult(rawValue: "failed")
  /// A unit that this one requires failed.
  public static let dependency = JobResult(rawValue: "dependency")
  /// There was nothing to do for a unit in this state.
  public static let skipped = JobResult(rawValue: "skipped")
  public static let invalid = JobResult(rawValue: "invalid")
  public static let assert = JobResult(rawValue: "assert")
  public static let unsupported = JobResult(rawValue: "unsupported")
  public static let collected = JobResult(rawValue: "collected")
  /// A unit that may be started only once per boot.
  public static let once = JobResult(rawValue: "once")
  /// The job ended while the connection was broken. This library's own word: ask for the unit's status.
  public static let unknown = JobResult(rawValue: "unknown")

  public var description: String { rawValue }
}
