import ArgumentParser
import Deployment
import Doctor
import FileOperations
import HostState
import Presentation
import Releases
import Systemd
import Transactions
import Units

struct DoctorCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Show what is missing or unwise on this host, with the command that fixes it.",
    discussion: ExitStatusHelp.list([.done, .refused, .checkFailed]))

  @OptionGroup var global: GlobalOptions

  func perform(_ session: Session) async throws -> CommandResult {
    let host = try view(session)
    let results = Doctor(host).examine()
    let faults = results.failures.count
    var report = CommandResult("doctor", faults == 0 ? .done : .failed)
    report.checks = results
    report.exit = faults == 0 ? .done : .checkFailed
    if faults > 0 { report.message = "\(faults) \(faults == 1 ? "finding" : "findings"); nothing was changed" }
    return report
  }

  /// The host with what a manifest and the records say of it. A host without either is looked at all the same.
  private func view(_ session: Session) throws -> HostView {
    let state = session.environment.state
    let manager = try ServiceManager()
    // The records are root's; what they name is not looked at without its right.
    let records = Caller.isRoot ? try InstalledReleases(state).all() : []
    let services = try HostView.services(manager)
    var view = HostView(
      state: state, hasReleases: !records.isEmpty, services: services, interrupted: Recovery.waiting(state))
    view.recovery = try manager.unitFileState(of: "qtctl-recover.service")
    view.systemdVersion = try manager.properties().version
    view.users = Caller.isRoot ? try FileUsers(manager) : nil
    let own = Set(records.flatMap(\.units))
    view.scheduled = try HostView.scheduled(manager).filter { !own.contains($0.value.unit) }
    view.stores = Set(records.map(\.store))
    for record in records {
      for file in record.files {
        view.files[file.path] = .some(file.restarts)
        view.installed[file.path] = record.at
      }
    }
    var named = [session.environment.redis].compactMap { $0 }
    if hasManifest(session) {
      let lookup = try session.lookup()
      view.stores.insert(lookup.storePath)
      named = [session.environment.redis ?? lookup.manifest.redis].compactMap { $0 }
    }
    view.redis = RedisServers.distinct(named: named, running: RedisServers.running(services))
    return view
  }

  private func hasManifest(_ session: Session) -> Bool {
    global.name != nil || ManifestLookup.path(named: global.manifest, environment: session.environment) != nil
  }
}
