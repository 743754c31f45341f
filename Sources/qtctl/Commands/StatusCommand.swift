import ArgumentParser
import Deployment
import HostState
import Presentation
import Remote
import Status
import Verification

struct StatusCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what runs, what is wrong, and what is going on.",
    discussion:
      "Without a manifest at hand, shows everything that was deployed on this host. Users other than root see "
      + "units and consumer groups, of the manifest at hand or of the units named.\n\n"
      + ExitStatusHelp.list([.done, .wrong, .refused]))

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Redraw every 2 s until q is pressed.")
  var watch = false

  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units)
  var units: [String] = []

  func validate() throws {
    if watch && global.json { throw ValidationError("--watch and --json cannot be used together; remove one of them") }
  }

  func errand(_ environment: Environment) throws -> Errand { try errandOfHost(isEndless: watch) }

  func perform(_ session: Session) async throws -> CommandResult {
    let query = StatusQuery(
      manifest: global.manifest, name: global.name, units: units, environment: session.environment)
    // What is asked for wrongly is said before the screen is taken.
    let status = try query.look()
    guard watch else { return report(status) }
    StatusWatch(console: session.console).run(status) { known in
      do {
        return try query.look(reusing: known)
      } catch {
        // It may be there again in a moment.
        var status = HostStatus()
        status.problems = [.init("qtctl", "cannot look: \(error)")]
        return status
      }
    }
    return CommandResult("status", .done)
  }

  private func report(_ status: HostStatus) -> CommandResult {
    var report = CommandResult("status", .done)
    report.content = .status(status)
    report.exit = status.problems.isEmpty ? .done : .wrong
    var sentences = status.releases.map(StatusText.sentence)
    if let running = status.transaction {
      sentences.append(
        "a transaction is in progress: pid \(running.pid) of \(running.user), '\(running.command)', in "
          + "'\(running.phase)', since \(UTC.text(running.started))")
    }
    sentences += status.problems.map { "\($0.subject) \($0.what)" + ($0.command.map { "; see: \($0)" } ?? "") }
    report.message = sentences.joined(separator: "\n")
    return report
  }
}
