import ArgumentParser
import Backups
import Deployment
import Releases
import Transactions
import Verification

extension BackupsCommand {
  struct Check: QtctlCommand {
    static let configuration = CommandConfiguration(
      abstract: "Prove every byte of a backup, or of all.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp. Default: all.") var stamp: String?
    @Flag(help: "Only look whether all is there, in size, type and metadata; read no saved file.") var quick = false

    func perform(_ session: Session) throws -> Report {
      let store = try session.place(of: stamp).store
      let stamps = try stamp.map { [try store.find($0)] } ?? store.stamps()
      var report = Report("backups check", .done)
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
        ? "\(count) whole" + (quick ? ", as far as a quick look tells" : "")
        : "\(damaged) of \(stamps.count) backups \(damaged == 1 ? "is" : "are") damaged"
      return report
    }
  }
}

extension BackupsCommand {
  struct Diff: QtctlCommand {
    static let configuration = CommandConfiguration(
      abstract: "What differs between a backup and the host now, or another backup.",
      discussion: "From the backup to the host, or from STAMP to OTHER. Secrets are never shown.\n\n"
        + ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String
    @Argument(help: "Another backup's stamp. Default: the host as it is.") var other: String?

    func perform(_ session: Session) async throws -> Report {
      session.tellOfInterruption()
      let comparison = BackupComparison(BackupStore(path: try session.lookup().storePath))
      let found =
        if let other {
          try await comparison.between(stamp, other)
        } else {
          try await comparison.withHost(stamp, session.context())
        }
      var report = Report("backups diff", found.isEmpty ? .unchanged : .differs)
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
      abstract: "Where the consumer groups stood and stand; put back only on request.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .locked, .backupDamaged, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String
    @Flag(help: "Set the groups to where they stood, while no service runs.") var putBack = false
    @Flag(help: "Put them back also past entries that were never delivered, which nobody gets then.") var skip = false

    func validate() throws {
      if skip && !putBack { throw ValidationError("--skip goes with --put-back") }
    }

    func perform(_ session: Session) async throws -> Report {
      let store = try session.place(of: stamp).store
      let keeper = CursorCommand(try session.context(), recorder: session.recorder)
      var report = Report("backups cursors", .done)
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
