import ArgumentParser
import Backups
import Deployment
import HostState
import KnownDigests
import Presentation
import Transactions
import Verification

struct BackupCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "backup", abstract: "Back up the present state.",
    discussion: ExitStatusHelp.list([.done, .locked, .refused, .recovered]))

  @OptionGroup var global: GlobalOptions

  @Option(
    help: ArgumentHelp("How long to wait for another transaction to end (default: not at all).", valueName: "duration"))
  var wait: Duration = .zero

  @Option(help: ArgumentHelp("The reason, kept in the backup and in the history.", valueName: "text"))
  var reason: String?

  @Flag(help: "Allow backups on a tmpfs; a reboot loses them.")
  var volatileStore = false

  func perform(_ session: Session) async throws -> CommandResult {
    let result = try await BackupPlan.take(
      try session.lookup(), reason: reason, wait: wait, volatileStore: volatileStore, try session.context(),
      recorder: session.recorder)
    return CommandResult("backup", result)
  }
}

struct BackupsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backups", abstract: "List, check, compare and prune backups.",
    subcommands: [
      List.self, Show.self, Check.self, Diff.self, Cursors.self, Pin.self, Unpin.self, Prune.self, Export.self,
      Import.self,
    ],
    defaultSubcommand: List.self)
}

extension BackupsCommand {
  struct List: QtctlCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List all backups, newest first.")
    @OptionGroup var global: GlobalOptions

    func perform(_ session: Session) throws -> CommandResult {
      session.tellOfInterruption()
      var report = CommandResult("backups list", .done)
      let history = (try? History(session.environment.state).last(.max).entries) ?? []
      report.content = .backups(
        try session.place(of: nil).store.list(KnownFolders(in: session.environment.state.path)).map {
          var line = BackupLine($0.stamp, $0.summary, pinned: $0.pinned)
          line.before = history.last { $0.stamp == line.stamp && $0.name == line.name }
            .map { BackupLine.Before(command: $0.command, to: $0.to) }
          return line
        })
      return report
    }
  }
}

extension BackupsCommand {
  struct Show: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Show what a backup contains.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.", completion: Completions.stamps) var stamp: String

    func perform(_ session: Session) throws -> CommandResult {
      let store = try session.place(of: stamp).store
      let record = try store.record(store.find(stamp))
      var report = CommandResult("backups show", .done)
      report.stamp = record.stamp
      report.content = .backup(record)
      return report
    }
  }
}
