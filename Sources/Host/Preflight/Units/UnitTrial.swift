public import Systemd

/// What preflight asks of the service manager. The real one is systemd (`SystemdControl`).
public protocol UnitTrial {
  func status(of unit: String) throws -> UnitStatus
  /// Starts units that end by themselves, waits for all of them, and forgets them.
  ///
  /// - Returns: how each ended.
  func run(_ units: [String], within limit: Duration) throws -> [UnitStatus]
}

extension SystemdControl: UnitTrial {
  public func status(of unit: String) throws -> UnitStatus { try manager.status(of: unit) }

  public func run(_ units: [String], within limit: Duration) throws -> [UnitStatus] {
    defer {
      for unit in units { try? manager.resetFailed(unit) }
    }
    let deadline = ContinuousClock.now + limit
    let jobs = try units.map { try manager.enqueue(.start, $0) }
    _ = try manager.wait(for: jobs, until: deadline)
    return try units.map { try manager.status(of: $0) }
  }
}
