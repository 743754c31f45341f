import ArgumentParser
import Basics
import Deployment
import HostState
import Presentation
import Releases
import Remote
import Systemd
import Terminal
import Verification

struct LogsCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Show the logs of the services, and what systemd says about them.",
    discussion: "With --follow, --json prints one JSON object a line.\n\n" + ExitStatusHelp.list([.done, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units)
  var units: [String] = []

  @Flag(name: .shortAndLong, help: "Follow new entries.")
  var follow = false

  @Option(
    name: [.customShort("n"), .long],
    help: "Number of past lines to show (default: 100, with --since as many as there are).")
  var lines: Int?

  @Option(name: .long, help: "Show only lines with this trace_id.")
  var trace: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Show only lines since then: 10m, 2h, or a time such as '2026-01-31 23:59'.", valueName: "time"))
  var since: SinceTime?

  @Option(
    name: [.customShort("g"), .long],
    help: ArgumentHelp(
      "Show only lines that this regular expression matches; in lower case alone, it matches upper case too.",
      valueName: "pattern"))
  var grep: LinePattern?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Show only lines of this priority or a graver one: emerg to debug, or 0 to 7.", valueName: "level"))
  var priority: PriorityName?

  func validate() throws {
    if let lines, lines < 0 { throw ValidationError("--lines must be 0 or more") }
  }

  func errand(_ environment: Environment) throws -> Errand { try errandOfHost(isEndless: follow) }

  func perform(_ session: Session) throws -> CommandResult {
    let names = Self.named(try session.lookup(units: units).select(units))
    var query = JournalQuery(units: names, includesManager: true, boot: .all)
    if let trace { query.fields["TRACE_ID"] = [trace] }
    query.priority = priority?.priority
    query.since = since.map { Int64(clamping: $0.moment(at: Clock.seconds).multipliedSaturated(by: 1_000_000)) }
    let journal = JournalReader()
    let end = try journal.tail()
    let past = try past(journal, query)
    if past.isEmpty { session.console.note("no log lines found") }
    guard follow else {
      var report = CommandResult("logs", .done)
      report.content = .logs(past.map { LogLine($0) })
      return report
    }
    for entry in past { show(entry, session) }
    // Where only some of the lines are wanted, the last one shown may be far behind.
    query.after = grep == nil ? past.last?.cursor ?? end : end
    _ = try journal.follow(query) { entry in
      if matches(entry) { show(entry, session) }
      return true
    }
    return CommandResult("logs", .done)
  }

  /// The last entries that are wanted, oldest first.
  private func past(_ journal: JournalReader, _ query: JournalQuery) throws -> [JournalEntry] {
    let most = lines ?? (since == nil ? 100 : .max)
    guard most > 0 else { return [] }
    var found: [JournalEntry] = []
    try journal.backwards(query) { entry in
      if let since = query.since, entry.realtime < since { return false }
      if matches(entry) { found.append(entry) }
      return found.count < most
    }
    return found.reversed()
  }

  private func matches(_ entry: JournalEntry) -> Bool { grep?.matches(entry.message) ?? true }

  private func show(_ entry: JournalEntry, _ session: Session) {
    let line = LogLine(entry)
    if global.json {
      if let json = try? line.json() { session.console.print(json: json) }
    } else {
      session.console.print(StyledText(ContentText.logs([line])))
    }
  }

  /// With the units' own names: the journal knows no alias.
  private static func named(_ units: [String]) -> [String] {
    guard let manager = try? ServiceManager() else { return units }
    return (units + units.compactMap { try? manager.status(of: $0).unit }).uniqued()
  }
}
