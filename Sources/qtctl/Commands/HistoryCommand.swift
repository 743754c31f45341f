import ArgumentParser
import Deployment
import HostState
import Presentation
import Releases
import Status

struct HistoryCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show past transactions: when, who, what, and how they ended.",
    discussion: "With STAMP, shows that transaction: its steps, its checks and where its evidence is.\n\n"
      + ExitStatusHelp.list([.done, .noSuchStamp, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The stamp of the backup that the transaction took.", completion: Completions.stamps)
  var stamp: String?

  @Option(
    name: [.customShort("n"), .short, .long],
    help: ArgumentHelp("Number of entries to show, newest last.", valueName: "number"))
  var last = 20

  func validate() throws {
    if last < 1 { throw ValidationError("--last must be at least 1") }
  }

  func perform(_ session: Session) throws -> CommandResult {
    let history = History(session.environment.state)
    if let stamp { return try transaction(stamp, history, session) }
    let (entries, unreadable) = try history.last(last, of: try session.name(global))
    var report = CommandResult("history", .done)
    report.content = .history(entries)
    var remarks: [String] = []
    if let name = try session.name(global), entries.isEmpty, try !history.last(1, of: nil).entries.isEmpty {
      remarks.append("nothing was done on this host under the name '\(name)'; 'qtctl history' lists everything")
    }
    if unreadable > 0 {
      remarks.append(
        "\(unreadable) line\(unreadable == 1 ? "" : "s") of the history cannot be read and \(unreadable == 1 ? "is" : "are") "
          + "not shown; look at '\(history.path)'")
    }
    report.message = remarks.joined(separator: "\n")
    return report
  }

  private func transaction(_ stamp: String, _ history: History, _ session: Session) throws -> CommandResult {
    let entry = try history.transaction(stamp, of: try session.name(global))
    let detail = TransactionDetail(entry, in: session.environment.state)
    var report = CommandResult("history", .done)
    report.stamp = entry.stamp
    report.steps = detail.steps
    report.checks = detail.failed + detail.checks
    report.content = .transaction(detail)
    return report
  }
}
