/// What the service manager says of itself.
public struct ManagerProperties: Sendable, Hashable {
  /// Such as `252.39-1~deb12u1`.
  public var version: String
  /// `running`, `degraded` (some unit, not necessarily ours, failed), `starting`, `maintenance`, `stopping`.
  public var systemState: String
  /// The number of failed units.
  public var failedUnits: UInt32
  /// The number of queued jobs.
  public var jobs: UInt32
  /// The folders that units are looked for in, the first wins.
  public var unitPath: [String]
}
