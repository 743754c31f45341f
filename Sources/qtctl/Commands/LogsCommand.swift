import ArgumentParser
import Basics
import Deployment
import Releases
import Systemd
import Verification

struct LogsCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show the logs of the services, and what systemd says about them.",
    discussion: ExitStatusHelp.list([.done, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units)
  var units: [String] = []

  @Flag(name: .shortAndLong, help: "Follow new entries.")
  var follow = false

  @Option(name: [.customShort("n"), .long], help: "Number of past lines to show.")
  var lines = 100

  @Option(name: .long, help: "Show only lines with this trace_id.")
  var trace: String?

  func validate() throws {
    if follow && global.json {
      throw ValidationError("--follow and --json cannot be used together; remove one of them")
    }
    if lines < 0 { throw ValidationError("--lines must be 0 or more") }
  }

  func perform(_ session: Session) throws -> Report {
    let names = Self.named(try session.lookup(units: units).select(units))
    var query = JournalQuery(units: names, includesManager: true, boot: .all)
    if let trace { query.fields["TRACE_ID"] = [trace] }
    let journal = JournalReader()
    var report = Report("logs", .done)
    let past = try journal.last(lines, query)
    report.content = .logs(past.map { LogLine($0) })
    if past.isEmpty { session.console.note("no log lines found") }
    guard follow else { return report }
    session.console.print(report.text(session.console))
    query.after = try past.last?.cursor ?? journal.tail()
    _ = try journal.follow(query) { entry in
      session.console.print(StyledText(ContentText.logs([LogLine(entry)])))
      return true
    }
    return Report("logs", .done)
  }

  /// With the units' own names: the journal knows no alias.
  private static func named(_ units: [String]) -> [String] {
    guard let manager = try? ServiceManager() else { return units }
    return (units + units.compactMap { try? manager.status(of: $0).unit }).uniqued()
  }
}

extension LogLine {
  init(_ entry: JournalEntry) {
    self.init(
      at: Int(entry.realtime), unit: Self.isManagers(entry) ? "systemd" : entry.unit, pid: entry.pid.map(Int.init),
      priority: entry.priority.map { Int($0.rawValue) }, message: entry.message)
  }

  private static func isManagers(_ entry: JournalEntry) -> Bool {
    if case .manager = entry.origin { true } else { false }
  }
}
