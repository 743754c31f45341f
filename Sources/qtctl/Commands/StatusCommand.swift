import ArgumentParser
import Deployment
import Releases
import Systemd
import Verification

struct StatusCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the state of the services.",
    discussion: ExitStatusHelp.list([.done, .refused]))

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Refresh every 2 s until interrupted.")
  var watch = false

  @Argument(help: "Units of the manifest (default: all).")
  var units: [String] = []

  func validate() throws {
    if watch && global.json { throw ValidationError("--watch and --json cannot be used together; remove one of them") }
  }

  func perform(_ session: Session) async throws -> Report {
    session.tellOfInterruption()
    let lookup = try session.lookup()
    let units = try lookup.select(units)
    let manager = try ServiceManager()
    while watch {
      let report = try report(lookup, units, manager)
      session.console.print("\u{1B}[H\u{1B}[2J" + report.text(session.console))
      try await Task.sleep(for: .seconds(2))
    }
    return try report(lookup, units, manager)
  }

  private func report(_ lookup: ManifestLookup, _ units: [String], _ manager: ServiceManager) throws -> Report {
    var report = Report("status", .done)
    report.content = .units(try units.map { UnitLine(try manager.status(of: $0), now: Clock.seconds) })
    report.message =
      lookup.installed.map {
        "\($0.name) \($0.release), deployed \(UTC.text($0.at)), \($0.verified ? "verified" : "not verified")"
      } ?? "\(lookup.name) was not deployed by qtctl on this host"
    return report
  }
}

extension UnitLine {
  init(_ status: UnitStatus, now: Int) {
    let since = status.isActive ? status.activeEnter.map { Int($0.realtime / 1_000_000) } : nil
    self.init(
      unit: status.unit, load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      enablement: status.unitFileState.rawValue, pid: status.mainPID.map(Int.init),
      restarts: status.nRestarts.map(Int.init), uptime: since.map { Double(now - $0) },
      memory: status.memoryCurrent.map(Int.init), status: status.isActive ? status.statusText : nil)
  }
}
