import ArgumentParser
import Deployment
import Host

extension Backups {
  struct List: Verb {
    static let configuration = CommandConfiguration(abstract: "Every backup, newest first.")
    @OptionGroup var global: GlobalOptions

    func perform(_ session: Session) throws -> Report {
      session.tellOfInterruption()
      var report = Report("backups list", .done)
      report.content = .backups(
        try session.place(of: nil).store.list().map { BackupLine($0.stamp, $0.record, pinned: $0.pinned) })
      return report
    }
  }
}
