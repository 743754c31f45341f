import ArgumentParser
import BackupTransfer
import Backups
import Deployment
import Glibc
import HostState
import Presentation
import Remote
import Transactions

extension BackupsCommand {
  struct Export: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "export", abstract: "Write a backup into one archive, to keep it elsewhere.",
      discussion: "The archive holds the release's secrets in plain text; it is made with mode 0600.\n\n"
        + ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged, .refused]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.", completion: Completions.stamps) var stamp: String
    @Argument(help: "The archive to make, a .tar.zst; '-' for standard output.", completion: .file()) var file: String

    func validate() throws {
      if global.json && file == ExportedBackup.standardOutput {
        throw ValidationError("--json and '-' both write to standard output; name a file")
      }
    }

    func errand(_ environment: Environment) throws -> Errand {
      if file == ExportedBackup.standardOutput { throw ValidationError("with --host, name a file instead of '-'") }
      return try errandOfHost(output: Errand.Output(file, isSecret: true))
    }

    func perform(_ session: Session) throws -> CommandResult {
      let store = try session.place(of: stamp).store
      let record = try ExportedBackup.write(store.find(stamp), of: store, to: global.output(file))
      // The result must not follow the archive.
      if file == ExportedBackup.standardOutput { dup2(STDERR_FILENO, STDOUT_FILENO) }
      var report = CommandResult("backups export", .done)
      report.stamp = record.stamp
      report.message = ExportedBackup.message(record, file)
      return report
    }
  }
}

extension BackupsCommand {
  struct Import: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "import", abstract: "Bring a backup from an archive, after every byte of it was proved.",
      discussion: "On a host without manifest and records it goes to /var/backups/qtctl. Nothing is restored: "
        + "'qtctl rollback STAMP' does that.\n\n"
        + ExitStatusHelp.list([.done, .locked, .backupDamaged, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "An archive that 'qtctl backups export' wrote.", completion: .file()) var file: String

    var isDetached: Bool { true }
    func errand(_ environment: Environment) throws -> Errand { try errandOfHost(.file(file)) }

    func perform(_ session: Session) async throws -> CommandResult {
      let backup = try ImportedBackup(global.received(file) ?? file, now: Clock.seconds)
      let store = try BackupLocator.receiving(
        named: global.manifest, name: global.name, environment: session.environment)
      let keeper = BackupAdministration(try session.context(), recorder: session.recorder)
      let record = try await keeper.add(backup.stamp, from: file, to: store) { try backup.receive(in: store) }
      // It holds secrets, and may be as large as what it became.
      global.received(nil).map { CallServer.forget($0, session.environment.state) }
      var report = CommandResult("backups import", .done)
      report.stamp = record.stamp
      report.message =
        "backup \(record.stamp) of \(record.name) is in '\(store.path)', every byte proved; to restore it: "
        + "qtctl rollback \(record.stamp)"
      return report
    }
  }
}
