import ArgumentParser
import Basics
import Deployment
import Glibc
import Presentation
import Remote
import Systemd
import Terminal

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
          SignCommand.self, AttachCommand.self, AdoptCommand.self, RehearseCommand.self, WatchCommand.self,
          ProveCommand.self,
        ]),
      CommandGroup(name: "Backups:", subcommands: [BackupCommand.self, BackupsCommand.self]),
      CommandGroup(
        name: "Services:",
        subcommands: [
          StatusCommand.self, StartCommand.self, StopCommand.self, RestartCommand.self, LogsCommand.self,
          HistoryCommand.self, ReportCommand.self, DoctorCommand.self, MetricsCommand.self, ServeCommand.self,
        ]),
    ])

  static func main() async {
    ProcessEnvironment.settle()
    if let most = ProcessEnvironment.served?.mostOutput { Console.bound(at: most) }
    let words = HostWords.settled(Array(CommandLine.arguments.dropFirst()))
    if let message = UnknownCommand.message(words) {
      Console.write(
        "qtctl: \(Layout(isASCII: ProcessEnvironment.isASCII).shown(Printable.text(message)))\n", to: STDERR_FILENO)
      Glibc.exit(ExitStatus.usage.rawValue)
    }
    do {
      var command = try await asyncParseAsRoot(words)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      UsageError.exit(error, of: Self.self)
    }
  }
}
