import ArgumentParser
import Backups
import Deployment
import Presentation
import Transactions
import Verification

struct RollbackCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Restore a backup and verify; without STAMP, the last verified one.",
    discussion: ExitStatusHelp.list([
      .done, .noSuchStamp, .locked, .backupDamaged, .refused, .rolledBack, .unhealthy, .recovered,
    ]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The backup's stamp, YYYYMMDD_HHMMSS.", completion: Completions.stamps)
  var stamp: String?

  @Flag(help: "Show the plan and change nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "The time within which the host must be verified healthy (default: as in the manifest).", valueName: "duration"))
  var deadline: Duration?

  @Option(
    help: ArgumentHelp(
      "How long every unit must stay up (default: as in the backup's manifest).", valueName: "duration"))
  var stable: Duration?

  @Option(
    help: ArgumentHelp("How long to wait for another transaction to end (default: not at all).", valueName: "duration"))
  var wait: Duration = .zero

  @Option(help: ArgumentHelp("The reason, kept in the history.", valueName: "text"))
  var reason: String?

  var isDetached: Bool { !dryRun }

  func perform(_ session: Session) async throws -> CommandResult {
    let place = try session.place(of: stamp)
    let rollback = Rollback(try session.context(), recorder: session.recorder, tell: session.console.tell)
    if dryRun {
      let preview = try await rollback.preview(stamp, in: place.store, name: place.name)
      var report = CommandResult(
        "rollback", plan: preview.plan, course: preview.course, isVerbose: global.verbose || global.json)
      report.stamp = preview.stamp
      return report
    }
    var options = Rollback.Options()
    options.deadline = deadline
    options.stable = stable
    options.reason = reason
    options.wait = wait
    return CommandResult("rollback", try await rollback.run(to: stamp, in: place.store, name: place.name, options))
  }
}
