import ArgumentParser
import Systemd

@main
struct Qtctl: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qtctl",
    abstract: "Deploys, proves and undoes releases of systemd services.",
    discussion: ExitStatusHelp.text,
    version: "qtctl \(Program.version)" + (Program.buildID.map { " (\($0))" } ?? ""),
    groupedSubcommands: [
      CommandGroup(name: "Releases:", subcommands: [Deploy.self, Verify.self, RollbackCommand.self, Recover.self]),
      CommandGroup(name: "Backups:", subcommands: [Backup.self, Backups.self]),
      CommandGroup(
        name: "Services:",
        subcommands: [Status.self, Start.self, Stop.self, Restart.self, Logs.self, HistoryCommand.self]),
    ])
}
