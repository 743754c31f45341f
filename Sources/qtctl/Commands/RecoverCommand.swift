import ArgumentParser
import Deployment
import Presentation
import Transactions
import Verification

struct RecoverCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Undo an interrupted transaction: put back the state before it.",
    discussion: ExitStatusHelp.list([.done, .locked, .unhealthy]))

  @OptionGroup var global: GlobalOptions

  @Option(
    help: ArgumentHelp("How long to wait for another transaction to end (default: not at all).", valueName: "duration"))
  var wait: Duration = .zero

  @Flag(help: "Run at boot, before the services start, without checks; used by qtctl-recover.service.")
  var boot = false

  @Option(name: .customLong("dead-man"), help: .hidden)
  var watchdog: String?

  @Flag(help: .hidden)
  var blind = false

  /// When the transaction that is watched has to be over, whatever its steps say.
  @Option(name: .customLong("watch"), help: .hidden)
  var limit: Duration = .zero

  func perform(_ session: Session) async throws -> CommandResult {
    let recovery = Recovery(try session.context(isBooting: boot), proves: !boot, isBlind: blind)
    let found =
      if let watchdog {
        try await recovery.run(
          watchdog: watchdog, until: .now + limit, recorder: session.recorder, tell: session.console.tell)
      } else {
        try await recovery.run(wait: wait, recorder: session.recorder, tell: session.console.tell)
      }
    guard let result = found else { return CommandResult("recover", .done, message: "there is nothing to recover") }
    var report = CommandResult("recover", result)
    // Recovering is what was asked for here; elsewhere it is why the command must be run again.
    if result.exit == .recovered { report.exit = .done }
    report.message = result.exit == .recovered ? "undone: \(result.message)" : result.message
    return report
  }
}
