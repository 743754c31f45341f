extension ServiceManager {
  /// What systemd knows of a unit now. One that does not exist has `loadState` `.notFound`.
  public func status(of unit: String) throws(SystemdError) -> UnitStatus {
    throw .noBus(reason: "not implemented")
  }

  /// Waits until the unit's status satisfies the predicate; asked at once and then at every change. `nil`: it did not
  /// by the deadline.
  public func wait(
    for unit: String, until deadline: ContinuousClock.Instant, where predicate: (UnitStatus) -> Bool
  ) throws(SystemdError) -> UnitStatus? {
    throw .noBus(reason: "not implemented")
  }
}
