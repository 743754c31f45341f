import ArgumentParser
import Backups
import Deployment
import Presentation
import Transactions
import Verification

extension BackupsCommand {
  struct Pin: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "pin", abstract: "Keep a backup, whatever retention says.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .locked, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.", completion: Completions.stamps) var stamp: String
    var isDetached: Bool { true }

    func perform(_ session: Session) async throws -> CommandResult {
      let store = try session.place(of: stamp).store
      try await BackupAdministration(session.context(), recorder: session.recorder).setPinned(true, stamp, in: store)
      return CommandResult("backups pin", .done, message: "backup \(stamp) is pinned")
    }
  }
}

extension BackupsCommand {
  struct Unpin: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "unpin", abstract: "Let retention decide about a backup again.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .locked, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.", completion: Completions.stamps) var stamp: String
    var isDetached: Bool { true }

    func perform(_ session: Session) async throws -> CommandResult {
      let store = try session.place(of: stamp).store
      try await BackupAdministration(session.context(), recorder: session.recorder).setPinned(false, stamp, in: store)
      return CommandResult("backups unpin", .done, message: "backup \(stamp) is no longer pinned")
    }
  }
}

extension BackupsCommand {
  struct Prune: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "prune", abstract: "Remove the backups that retention does not keep, and show why.",
      discussion: ExitStatusHelp.list([.done, .locked, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Flag(help: "Show the decisions and remove nothing.") var dryRun = false
    var isDetached: Bool { !dryRun }

    func perform(_ session: Session) async throws -> CommandResult {
      let lookup = try session.lookup()
      let keeper = BackupAdministration(try session.context(), recorder: session.recorder)
      let decisions = dryRun ? try keeper.decisions(lookup) : try await keeper.prune(lookup)
      var report = CommandResult("backups prune", dryRun ? .planned : .done)
      let removed = decisions.count { !$0.keep }
      report.message =
        "\(decisions.count - removed) kept, \(removed) \(dryRun ? "would be removed; nothing was changed" : "removed")"
      report.content = .retention(decisions)
      return report
    }
  }
}
