/// A moment in the life of a unit, by both of systemd's clocks.
public struct UnitTimestamp: Sendable, Hashable {
  /// Microseconds since 1970, UTC.
  public var realtime: Int64
  /// Microseconds of CLOCK_MONOTONIC: since boot, without time asleep. Compare moments of one boot by this one.
  public var monotonic: Int64

  public init(realtime: Int64, monotonic: Int64) {
    self.realtime = realtime
    self.monotonic = monotonic
  }
}
