import ArgumentParser
import Deployment
import Host

extension Backups {
  struct Diff: Verb {
    static let configuration = CommandConfiguration(
      abstract: "What differs between a backup and the host now, or another backup.",
      discussion: "From the backup to the host, or from STAMP to OTHER. Secrets are never shown.\n\n"
        + ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String
    @Argument(help: "Another backup's stamp. Default: the host as it is.") var other: String?

    func perform(_ session: Session) async throws -> Report {
      session.tellOfInterruption()
      let comparison = BackupComparison(try session.scope().store)
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
