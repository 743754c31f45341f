import ArgumentParser
import Deployment
import HostState
import Releases
import Systemd
import Verification

struct StatusCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show the state of the services.",
    discussion: ExitStatusHelp.list([.done, .wrong, .refused]))

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Refresh every 2 s until interrupted.")
  var watch = false

  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units)
  var units: [String] = []

  func validate() throws {
    if watch && global.json { throw ValidationError("--watch and --json cannot be used together; remove one of them") }
  }

  func perform(_ session: Session) async throws -> Report {
    session.tellOfInterruption()
    let lookup = try session.lookup(units: units)
    let units = try lookup.select(units)
    let manager = try ServiceManager()
    while watch {
      let report = try report(lookup, units, manager, session)
      session.console.clear()
      session.console.print(report.text(session.console))
      try await Task.sleep(for: .seconds(2))
    }
    return try report(lookup, units, manager, session)
  }

  private func report(
    _ lookup: ManifestLookup, _ units: [String], _ manager: ServiceManager, _ session: Session
  ) throws -> Report {
    var report = Report("status", .done)
    let lines = try units.map { UnitLine(try manager.status(of: $0), now: Clock.seconds) }
    report.content = .units(lines)
    let release =
      lookup.installed.map {
        "\($0.name) \($0.release), deployed \(UTC.text($0.at)), \($0.verified ? "verified" : "not verified")"
      } ?? "\(lookup.name) was not deployed by qtctl on this host"
    var sentences = [release]
    if let holder = LockHolder.current(session.environment.state) {
      sentences.append("a transaction is in progress: \(holder)")
    }
    let wrong = lines.filter(\.isWrong)
    if !wrong.isEmpty {
      report.exit = .wrong
      sentences += wrong.map { "\($0.unit) \($0.trouble); see: qtctl logs \($0.unit)" }
    }
    report.message = sentences.joined(separator: "\n")
    return report
  }
}

extension UnitLine {
  /// Whether an operator has to look at it.
  var isWrong: Bool { load != "loaded" && load != "masked" || active == "failed" || sub == "auto-restart" }

  /// What is wrong, in words.
  var trouble: String {
    guard load == "loaded" else { return "has no unit file that can be loaded (\(load))" }
    let since = changed.map { ", since \(UTC.text($0))" } ?? ""
    let why = result.map { " (\($0))" } ?? ""
    return (active == "failed" ? "has failed" : "keeps restarting, \(restarts ?? 0) times so far") + why + since
  }
}

extension UnitLine {
  init(_ status: UnitStatus, now: Int) {
    let since = status.isActive ? status.activeEnter.map { Int($0.realtime / 1_000_000) } : nil
    self.init(
      unit: status.unit, load: status.loadState.rawValue, active: status.activeState.rawValue, sub: status.subState,
      enablement: status.unitFileState.rawValue, pid: status.mainPID.map(Int.init),
      restarts: status.nRestarts.map(Int.init), uptime: since.map { Double(now - $0) },
      memory: status.memoryCurrent.map(Int.init), status: status.isActive ? status.statusText : nil,
      result: status.result.flatMap { $0 == "success" ? nil : $0 },
      changed: status.stateChange.map { Int($0.realtime / 1_000_000) })
  }
}
