internal import Deployment
internal import Glibc
internal import Systemd

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
  /// How often it has to notify its watchdog (`WatchdogSec=`); `nil`: it has no watchdog.
  var watchdog: Duration?
  /// Since it last did; `nil` where it never did.
  var sinceWatchdog: Duration?
  /// Such as `oneshot`; `nil` for what is no service.
  var serviceType: String?
  /// Whether a run of a oneshot since the boot is known.
  var hasRun = false
  /// Whether the main process of the last run exited 0; `nil`: not known.
  var lastExitWasZero: Bool?
  var isEnabled = false
  /// The timers, paths and sockets that start it.
  var triggeredBy: [String] = []
  /// The conditions that did not hold when it was last to start, as the unit file has them.
  var unmetConditions: [String] = []
  /// Since it became active; `nil` where it is not.
  var upFor: Duration?
  /// Of its processes, below the root of the cgroup file system; `nil` where it has none.
  var controlGroup: String?
  /// Whether processes may survive its stop (`KillMode=`).
  var leavesProcesses = false

  var isActive: Bool { active == "active" || active == "reloading" }

  var evidence: Evidence {
    [
      "load": .string(load), "active": .string(active), "sub": .string(sub), "result": .string(result),
      "main_pid": .optional(pid), "invocation": .optional(invocation), "restarts": .optional(restarts),
    ]
  }
}

extension UnitView {
  init(_ details: UnitDetails) {
    let status = details.status
    self.init(
      load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      result: status.result ?? "", pid: status.mainPID.flatMap { $0 > 0 ? Int($0) : nil },
      invocation: status.invocationID, restarts: status.nRestarts.map { Int($0) })
    watchdog = status.watchdog
    sinceWatchdog = status.watchdogLast.map(Self.elapsed)
    serviceType = status.serviceType
    hasRun = status.execMainStart != nil
    lastExitWasZero = status.execMainCode.map { $0 == 1 && status.execMainStatus == 0 }
    isEnabled = status.unitFileState.rawValue.hasPrefix("enabled")
    triggeredBy = details.related(.triggeredBy)
    unmetConditions = status.conditionResult == false ? details.unmet.map(\.text) : []
    upFor = status.isActive ? status.activeEnter.map(Self.elapsed) : nil
    controlGroup = status.controlGroup
    leavesProcesses = details.killMode == "process" || details.killMode == "none"
  }

  private static func elapsed(since moment: UnitTimestamp) -> Duration {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return .seconds(now.seconds) - .microseconds(moment.monotonic)
  }

  /// Every unit's state, over one connection to the service manager. Blocks the calling thread.
  static func look(at units: [String]) -> [String: Result<UnitView, ProbeError>] {
    var views: [String: Result<UnitView, ProbeError>] = [:]
    var unreachable: ProbeError?
    do {
      let manager = try ServiceManager(timeout: .seconds(5))
      for unit in units where unreachable == nil {
        do {
          views[unit] = .success(UnitView(try manager.details(of: unit)))
        } catch {
          views[unit] = .failure(ProbeError("\(error)"))
          // A manager that hangs is waited for once and not once for each unit.
          if error.isUnreachable { unreachable = ProbeError("\(error)") }
        }
      }
    } catch {
      unreachable = ProbeError("\(error)")
    }
    if let unreachable {
      for unit in units where views[unit] == nil { views[unit] = .failure(unreachable) }
    }
    return views
  }
}

extension SystemdError {
  /// Whether the manager itself cannot be asked, whatever the question.
  fileprivate var isUnreachable: Bool {
    switch self {
    case .noBus, .disconnected, .timedOut: true
    default: false
    }
  }
}
