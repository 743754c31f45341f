internal import Deployment

/// What the service manager says of one unit, as far as the checks need it.
struct UnitView: Sendable, Equatable {
  var load = "loaded"
  /// `active`, `failed`, `activating` and so on.
  var active = "active"
  var sub = "running"
  /// Why the unit last ended: `success`, `exit-code`, `signal`, `watchdog`, `oom-kill` and so on.
  var result = "success"
  /// The main process; `nil` where there is none.
  var pid: Int?
  /// 32 hex digits; `nil` where the unit never ran.
  var invocation: String?
  /// How often the manager restarted it by itself; `nil` where it has no such counter.
  var restarts: Int?
  /// Within which it has to give a sign of life (`WatchdogSec=`); `nil`: it has no watchdog.
  var watchdog: Duration?
  /// Since its last sign of life; `nil` where it gave none.
  var unfed: Duration?

  var isActive: Bool { active == "active" || active == "reloading" }

  var evidence: Evidence {
    [
      "load": .string(load), "active": .string(active), "sub": .string(sub), "result": .string(result),
      "main_pid": .optional(pid), "invocation": .optional(invocation), "restarts": .optional(restarts),
    ]
  }
}
