import ArgumentParser
import Deployment
import Host

struct Backups: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look after the backups.",
    subcommands: [List.self, Show.self, Check.self, Diff.self, Pin.self, Unpin.self, Prune.self],
    defaultSubcommand: List.self)

  struct List: Verb {
    static let configuration = CommandConfiguration(abstract: "Every backup, newest first.")
    @OptionGroup var global: GlobalOptions

    func perform(_ session: Session) throws -> Report {
      session.tellOfInterruption()
      var report = Report("backups list", .done)
      report.content = .backups(
        try session.scope().store.list().map { BackupLine($0.stamp, $0.record, pinned: $0.pinned) })
      return report
    }
  }

  struct Show: Verb {
    static let configuration = CommandConfiguration(
      abstract: "What a backup holds.", discussion: ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String

    func perform(_ session: Session) throws -> Report {
      let store = try session.scope().store
      let record = try store.record(store.find(stamp))
      var report = Report("backups show", .done)
      report.stamp = record.stamp
      report.content = .backup(record)
      return report
    }
  }

  struct Check: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Prove every byte of a backup, or of all.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp. Default: all.") var stamp: String?

    func perform(_ session: Session) throws -> Report {
      let store = try session.scope().store
      let stamps = try stamp.map { [try store.find($0)] } ?? store.stamps()
      var report = Report("backups check", .done)
      report.checks = try stamps.map(store.check)
      let damaged = report.checks.failures
      report.exit = damaged.isEmpty ? .done : .backupDamaged
      report.outcome = damaged.isEmpty ? .verified : .failed
      report.message = damaged.isEmpty ? "\(stamps.count) backups are whole" : "\(damaged.count) backups are damaged"
      return report
    }
  }

  struct Pin: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Keep a backup whatever retention says.", discussion: ExitStatusHelp.list([.done, .noSuchStamp]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String

    func perform(_ session: Session) throws -> Report {
      let store = try session.scope().store
      try store.setPinned(true, store.find(stamp))
      return Report("backups pin", .done, message: "\(stamp) is pinned")
    }
  }

  struct Unpin: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Let retention decide on a backup again.", discussion: ExitStatusHelp.list([.done, .noSuchStamp]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String

    func perform(_ session: Session) throws -> Report {
      let store = try session.scope().store
      try store.setPinned(false, store.find(stamp))
      return Report("backups unpin", .done, message: "\(stamp) is not pinned")
    }
  }

  struct Prune: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Remove what retention does not keep, and say why.",
      discussion: ExitStatusHelp.list([.done, .locked, .refused]))
    @OptionGroup var global: GlobalOptions
    @Flag(help: "Print the decisions and remove nothing.") var dryRun = false

    func perform(_ session: Session) async throws -> Report {
      let scope = try session.scope()
      let keep = scope.manifest.backups.keep
      let decisions =
        dryRun
        ? try scope.store.retention(keep: keep, name: scope.name)
        : try await Pruner(try session.context()).prune(scope)
      var report = Report("backups prune", dryRun ? .planned : .done)
      report.content = .retention(decisions)
      return report
    }
  }
}
