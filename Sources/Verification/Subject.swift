public import Deployment

/// What is to be proved healthy: the units, files and behaviour that a manifest names, and nothing else.
public struct Subject: Sendable {
  /// Full unit names in start order; every one must be active.
  public var units: [String]
  /// The files as the last transaction left them.
  public var files: [ExpectedFile]
  /// The behaviour to prove.
  public var verify: Manifest.Verify
  /// The address of Redis; `nil` where nothing concerns Redis.
  public var redis: String?
  /// When the transaction under proof started, in microseconds since 1970; no journal line from before counts.
  /// `nil` where there is none: then the start of the verification stands in.
  public var since: Int64?
  /// How Redis stood before the transaction under proof; `nil`: nothing is excused.
  public var baseline: Baseline?

  public init(
    units: [String], files: [ExpectedFile] = [], verify: Manifest.Verify = Manifest.Verify(), redis: String? = nil,
    since: Int64? = nil
  ) {
    self.units = units
    self.files = files
    self.verify = verify
    self.redis = redis
    self.since = since
  }
}
