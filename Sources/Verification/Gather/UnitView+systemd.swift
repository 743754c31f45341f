internal import Glibc
internal import Systemd

extension UnitView {
  init(_ status: UnitStatus) {
    self.init(
      load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      result: status.result ?? "", pid: status.mainPID.flatMap { $0 > 0 ? Int($0) : nil },
      invocation: status.invocationID, restarts: status.nRestarts.map { Int($0) })
    watchdog = status.watchdog
    unfed = status.watchdogLast.map { fed in
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      return .seconds(now.seconds) - .microseconds(fed.monotonic)
    }
  }

  /// Every unit's state, over one connection to the service manager. Holds the calling thread.
  static func look(at units: [String]) -> [String: Result<UnitView, Unseen>] {
    var views: [String: Result<UnitView, Unseen>] = [:]
    var unreachable: Unseen?
    do {
      let manager = try ServiceManager(timeout: .seconds(5))
      for unit in units where unreachable == nil {
        do {
          views[unit] = .success(UnitView(try manager.status(of: unit)))
        } catch {
          views[unit] = .failure(Unseen("\(error)"))
          // A manager that hangs is waited for once and not once for each unit.
          if error.isUnreachable { unreachable = Unseen("\(error)") }
        }
      }
    } catch {
      unreachable = Unseen("\(error)")
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
