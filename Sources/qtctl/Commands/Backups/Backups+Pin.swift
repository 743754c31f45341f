import ArgumentParser
import Deployment
import Host

extension Backups {
  struct Pin: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Keep a backup whatever retention says.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .locked, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String

    func perform(_ session: Session) async throws -> Report {
      let store = try session.place(of: stamp).store
      try await StoreKeeper(session.context(), recorder: session.recorder).setPinned(true, stamp, in: store)
      return Report("backups pin", .done, message: "\(stamp) is pinned")
    }
  }
}
