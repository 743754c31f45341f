import ArgumentParser
import Backups
import Deployment
import Transactions
import Verification

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
