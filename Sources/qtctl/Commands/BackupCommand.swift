import ArgumentParser
import Deployment
import Transactions
import Verification

struct BackupCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Take a backup of what stands now.",
    discussion: ExitStatusHelp.list([.done, .locked, .refused, .recovered]))

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("How long to wait for another transaction to end.", valueName: "duration"))
  var wait: Duration = .zero

  @Option(help: ArgumentHelp("Why; kept in the backup and in the history.", valueName: "text"))
  var reason: String?

  @Flag(help: "Take a backup store on a tmpfs, which a reboot takes away.")
  var volatileStore = false

  func perform(_ session: Session) async throws -> Report {
    let result = try await BackupPlan.take(
      try session.lookup(), reason: reason, wait: wait, volatileStore: volatileStore, try session.context(),
      recorder: session.recorder)
    return Report("backup", result)
  }
}
