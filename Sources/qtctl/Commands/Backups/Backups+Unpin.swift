import ArgumentParser
import Deployment
import Host

extension Backups {
  struct Unpin: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Let retention decide on a backup again.",
      discussion: ExitStatusHelp.list([.done, .noSuchStamp, .locked, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Argument(help: "The backup's stamp.") var stamp: String

    func perform(_ session: Session) async throws -> Report {
      let store = try session.place(of: stamp).store
      try await StoreKeeper(session.context(), recorder: session.recorder).setPinned(false, stamp, in: store)
      return Report("backups unpin", .done, message: "\(stamp) is not pinned")
    }
  }
}
