/// Which processes of a unit a signal is for.
public enum KillTarget: String, Sendable, Hashable {
  /// Every process in the unit's control group.
  case all
  /// The main process alone.
  case main
  /// The control process (of `ExecStartPre=`, `ExecReload=`, …) alone.
  case control
}
