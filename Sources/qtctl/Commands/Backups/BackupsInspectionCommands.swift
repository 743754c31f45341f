import ArgumentParser
import Backups
import Deployment
import Presentation
import Releases
import Transactions
import Verification

extension BackupsCommand {
  struct Check: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "check", abstract: "Check every byte of one backup, or of all.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp (default: all backups).", completion: Completions.stamps) var stamp: String?
    @Flag(help: "Check size, type and metadata only; do not read the saved files.") var quick = false

    func perform(_ session: Session) throws -> CommandResult {
      let store = try session.place(of: stamp).store
      let stamps = try stamp.map { [try store.find($0)] } ?? store.stamps()
      var report = CommandResult("backups check", .done)
      for stamp in stamps {
        let check = try store.check(stamp, quick: quick)
        session.console.tell(check)
        report.checks.append(check)
      }
      let damaged = report.checks.failures.count
      let count = stamps.count == 1 ? "1 backup is" : "\(stamps.count) backups are"
      report.exit = damaged == 0 ? .done : .backupDamaged
      report.outcome = damaged == 0 ? .verified : .failed
      report.message =
        damaged == 0
        ? "\(count) intact" + (quick ? " as far as a quick check can tell" : "")
        : "\(damaged) of \(stamps.count) backups \(damaged == 1 ? "is" : "are") damaged"
      return report
    }
  }
}

extension BackupsCommand {
  struct Diff: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "diff", abstract: "Show what differs between a backup and the host, or another backup.",
      discussion: "Shows the changes from STAMP to OTHER, or to the host. Secrets are never shown.\n\n"
        + ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.", completion: Completions.stamps) var stamp: String
    @Argument(help: "Another backup's stamp (default: the host as it is now).", completion: Completions.stamps)
    var other: String?

    func perform(_ session: Session) async throws -> CommandResult {
      session.tellOfInterruption()
      let comparison = BackupComparison(BackupStore(path: try session.lookup().storePath))
      let found =
        if let other {
          try await comparison.between(stamp, other)
        } else {
          try await comparison.withHost(stamp, session.context())
        }
      var report = CommandResult("backups diff", found.isEmpty ? .unchanged : .differs)
      report.message =
        found.isEmpty
        ? "nothing differs between \(found.old) and \(found.new)"
        : "from \(found.old) to \(found.new): files that differ: \(found.files.count), units: \(found.units.count)"
      report.content = .difference(found)
      return report
    }
  }
}

extension BackupsCommand {
  struct Cursors: QtctlCommand {
    static let configuration = CommandConfiguration(
      commandName: "cursors", abstract: "Show where the consumer groups were and are; restore them on request.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .locked, .backupDamaged, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.", completion: Completions.stamps) var stamp: String
    @Flag(help: "Set the groups back to where they were; no service may run.") var putBack = false
    @Flag(help: "With --put-back: also skip entries that were never delivered; nobody receives them then.") var skip =
      false
    var isDetached: Bool { putBack }

    func validate() throws {
      if skip && !putBack { throw ValidationError("--skip needs --put-back") }
    }

    func perform(_ session: Session) async throws -> CommandResult {
      let store = try session.place(of: stamp).store
      let keeper = CursorCommand(try session.context(), recorder: session.recorder)
      var report = CommandResult("backups cursors", .done)
      let shifts =
        putBack ? try await keeper.putBack(stamp, in: store, skip: skip) : try keeper.look(at: stamp, in: store)
      report.stamp = try store.find(stamp)
      report.content = .cursors(shifts)
      report.message =
        putBack
        ? "put back; \(CursorShift.summary(shifts))"
        : "nothing was changed; --put-back would set them: \(CursorShift.summary(shifts))"
      return report
    }
  }
}
