import ArgumentParser
import Deployment
import Host

extension Backups {
  struct Show: Verb {
    static let configuration = CommandConfiguration(
      abstract: "What a backup holds.", discussion: ExitStatusHelp.list([.done, .noSuchStamp, .backupDamaged]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String

    func perform(_ session: Session) throws -> Report {
      let store = try session.place(of: stamp).store
      let record = try store.record(store.find(stamp))
      var report = Report("backups show", .done)
      report.stamp = record.stamp
      report.content = .backup(record)
      return report
    }
  }
}
