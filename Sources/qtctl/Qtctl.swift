import ArgumentParser
import Systemd

@main
struct Qtctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qtctl",
    abstract: "Deploys, verifies and rolls back releases of systemd services.",
    discussion: ExitStatusHelp.text,
    version: "qtctl \(Program.version)" + (Program.buildID.map { " (\($0))" } ?? ""),
    groupedSubcommands: [
      CommandGroup(
        name: "Releases:",
        subcommands: [
          DeployCommand.self, VerifyCommand.self, RollbackCommand.self, RecoverCommand.self, LintCommand.self,
        ]),
      CommandGroup(name: "Backups:", subcommands: [BackupCommand.self, BackupsCommand.self]),
      CommandGroup(
        name: "Services:",
        subcommands: [
          StatusCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, LogsCommand.self,
          HistoryCommand.self,
        ]),
    ])

  static func main() async {
    ProcessEnvironment.settle()
    await main(nil)
  }
}
