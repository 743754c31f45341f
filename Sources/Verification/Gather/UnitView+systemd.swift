internal import Systemd

extension UnitView {
  init(_ status: UnitStatus) {
    self.init(
      load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      result: status.result ?? "", pid: status.mainPID.flatMap { $0 > 0 ? Int($0) : nil },
      invocation: status.invocationID, restarts: status.nRestarts.map { Int($0) })
  }

  /// Every unit's state, over one connection to the service manager. Holds the calling thread.
  static func look(at units: [String]) -> [String: Result<UnitView, Unseen>] {
    var views: [String: Result<UnitView, Unseen>] = [:]
    do {
      let manager = try ServiceManager(timeout: .seconds(5))
      for unit in units { views[unit] = look(at: unit, manager) }
    } catch {
      for unit in units { views[unit] = .failure(Unseen("\(error)")) }
    }
    return views
  }

  static func look(at unit: String, _ manager: ServiceManager) -> Result<UnitView, Unseen> {
    do {
      return .success(UnitView(try manager.status(of: unit)))
    } catch {
      return .failure(Unseen("\(error)"))
    }
  }
}
