import ArgumentParser
import Backups
import Deployment
import FileOperations
import HTMLReport
import HostState
import Presentation
import Remote

struct ReportCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a page about a past transaction: what happened when, the checks, the changes, the logs.",
    discussion: "The page is one HTML file that needs nothing else, for a browser, a phone or a printer. A page of an "
      + "earlier call is replaced; no other file is.\n\n" + ExitStatusHelp.list([.done, .noSuchStamp, .refused]))

  @OptionGroup var global: GlobalOptions

  @Argument(
    help: "The stamp of the backup that the transaction took (default: the last transaction).",
    completion: Completions.stamps)
  var stamp: String?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"), completion: .file(extensions: ["html"]))
  var html: String

  func errand(_ environment: Environment) throws -> Errand {
    _ = try ReportFile(html, in: Paths.current)
    return try errandOfHost(output: Errand.Output(html))
  }

  func perform(_ session: Session) async throws -> CommandResult {
    let file = try ReportFile(global.output(html), in: Paths.current)
    let entry = try History(session.environment.state).transaction(stamp, of: try session.name(global))
    let place = try? session.place(of: entry.stamp?.description)
    let story = await StoryReader(
      state: session.environment.state, store: place?.store, context: try? session.context()
    ).story(of: entry, now: Clock.seconds)
    try file.write(ReportPage.text(story))
    var report = CommandResult("report", .done)
    report.stamp = entry.stamp
    let shown = ProcessEnvironment.served == nil ? file.shown : html
    report.message = "the page about \(entry.verb) of \(entry.name), \(UTC.text(entry.started)), is in '\(shown)'"
    return report
  }
}
