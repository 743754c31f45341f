import ArgumentParser
import Deployment
import FileOperations
import HostState
import Presentation
import Releases
import Verification

struct HistoryCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show past transactions: when, who, what, and how they ended.",
    discussion: "With STAMP, shows that transaction: its steps, its checks and where its evidence is.\n\n"
      + ExitStatusHelp.list([.done, .noSuchStamp, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The stamp of the backup that the transaction took.", completion: Completions.stamps)
  var stamp: String?

  @Option(name: [.customShort("n"), .short, .long], help: "Number of entries to show, newest last.")
  var last = 20

  func validate() throws {
    if last < 1 { throw ValidationError("--last must be at least 1") }
  }

  func perform(_ session: Session) throws -> CommandResult {
    let history = History(session.environment.state)
    if let stamp { return try transaction(stamp, history, session) }
    let (entries, unreadable) = try history.last(last, of: try name(session))
    var report = CommandResult("history", .done)
    report.content = .history(entries)
    if unreadable > 0 { report.message = "\(unreadable) lines of the history cannot be read and are not shown" }
    return report
  }

  private func transaction(_ stamp: String, _ history: History, _ session: Session) throws -> CommandResult {
    let found = try history.taking(stamp, of: try name(session))
    let names = Set(found.map(\.name))
    guard names.count == 1, let entry = found.last else {
      throw Refusal([
        "several transactions took a backup \(stamp), of \(names.sorted().joined(separator: " and ")); choose one with "
          + "--name NAME"
      ])
    }
    let detail = TransactionDetail(entry, in: session.environment.state)
    var report = CommandResult("history", .done)
    report.stamp = entry.stamp
    report.steps = detail.steps
    report.checks = detail.failed + detail.checks
    report.content = .transaction(detail)
    return report
  }

  /// The name that is asked for; `nil`: every name.
  private func name(_ session: Session) throws -> String? {
    try global.name ?? global.manifest.map { _ in try session.lookup().name }
  }
}

/// One transaction of the history with all that was kept of it.
struct TransactionDetail {
  /// What the evidence of a failed release has too, for a transaction that nothing else is known of.
  private struct Evidence: Decodable { var steps: [StepResult] }

  var entry: HistoryEntry
  /// What was said at its end; `nil`: not known.
  var message: String?
  var steps: [StepResult] = []
  /// The checks at its end; of a transaction that was undone, those that prove what is back.
  var checks: [CheckResult] = []
  /// The checks that failed before it was undone.
  var failed: [CheckResult] = []
  /// The files of the evidence that are there.
  var evidence: [String] = []

  init(_ entry: HistoryEntry, in state: StateFolder) {
    self.entry = entry
    if let record = TransactionRecords(state).record(of: entry) {
      (message, steps, checks) = (record.message, record.steps, record.checks)
    }
    guard let folder = entry.evidence else { return }
    evidence = ((try? Files.names(in: folder)) ?? []).sorted()
    if steps.isEmpty { steps = Self.read(Evidence.self, folder + "/evidence.json")?.steps ?? [] }
    // What is undone is proved at the end; what failed is in the evidence.
    failed = (Self.read([CheckResult].self, folder + "/checks.json") ?? [])
      .filter { $0.status == .fail && !checks.contains($0) }
  }

  private static func read<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    (try? Files.readIfPresent(path)).flatMap { try? JSON.decode(type, from: $0, path: path) }
  }
}
