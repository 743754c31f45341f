import ArgumentParser
import Deployment
import HostState
import Releases
import Verification

struct HistoryCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "history",
    abstract: "Show past transactions: when, who, what, and how they ended.",
    discussion: ExitStatusHelp.list([.done]))

  @OptionGroup var global: GlobalOptions

  @Option(name: .shortAndLong, help: "Number of entries to show, newest last.")
  var last = 20

  func validate() throws {
    if last < 1 { throw ValidationError("--last must be at least 1") }
  }

  func perform(_ session: Session) throws -> Report {
    let (entries, unreadable) = try History(session.environment.state).last(last, of: try name(session))
    var report = Report("history", .done)
    report.content = .history(entries)
    if unreadable > 0 { report.message = "\(unreadable) lines of the history cannot be read and are not shown" }
    return report
  }

  /// The name that is asked for; `nil`: every name.
  private func name(_ session: Session) throws -> String? {
    try global.name ?? global.manifest.map { _ in try session.lookup().name }
  }
}
