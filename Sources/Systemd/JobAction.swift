/// What a job is to do with a unit.
public enum JobAction: String, Sendable, Hashable, CaseIterable {
  /// Starts the unit; done at once when it is active.
  case start
  /// Stops the unit; done at once when it is not active.
  case stop
  /// Stops and starts the unit; starts it when it is not active.
  case restart
  /// Asks the unit to read its configuration again; refused by a unit without `ExecReload=`.
  case reload
  /// Restarts the unit only when it is active.
  case tryRestart = "try-restart"

  /// The method of `org.freedesktop.systemd1.Manager`.
  var method: String {
    switch self {
    case .start: "StartUnit"
    case .stop: "StopUnit"
    case .restart: "RestartUnit"
    case .reload: "ReloadUnit"
    case .tryRestart: "TryRestartUnit"
    }
  }
}
