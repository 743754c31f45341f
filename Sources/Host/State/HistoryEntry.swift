public import Deployment

/// What was done, when, by whom, from what to what, with what outcome and in how many seconds.
public struct HistoryEntry: Sendable, Hashable, Codable {
  /// The manifest's name.
  public var name: String
  /// `deploy`, `rollback` …
  public var command: String
  public var outcome: Outcome
  /// The backup taken before; `nil` when it did not come to that.
  public var stamp: Stamp?
  public var from: ReleaseIdentity?
  public var to: ReleaseIdentity?
  public var user: String
  /// Why, as the user said it or as it failed.
  public var reason: String?
  /// Whole seconds since 1970.
  public var started: Int
  public var seconds: Double
  public var exit: Int32
  /// What was at fault; `nil` where nothing was, or nothing that says anything of the release.
  public var fault: Fault?
  /// The folder with the evidence of the release that failed or was left.
  public var evidence: String?

  public enum Fault: String, Sendable, Hashable, Codable {
    /// What the release brought: a unit of it did not become ready, or a check failed.
    case content
  }
}
