import ArgumentParser
import Deployment
import Host

extension Backups {
  struct Prune: Verb {
    static let configuration = CommandConfiguration(
      abstract: "Remove what retention does not keep, and say why.",
      discussion: ExitStatusHelp.list([.done, .locked, .refused, .recovered]))
    @OptionGroup var global: GlobalOptions
    @Flag(help: "Print the decisions and remove nothing.") var dryRun = false

    func perform(_ session: Session) async throws -> Report {
      let scope = try session.scope()
      let keeper = StoreKeeper(try session.context(), recorder: session.recorder)
      let decisions = dryRun ? try keeper.decisions(scope) : try await keeper.prune(scope)
      var report = Report("backups prune", dryRun ? .planned : .done)
      let removed = decisions.count { !$0.keep }
      report.message =
        "\(decisions.count - removed) kept, \(removed) \(dryRun ? "would be removed; nothing was changed" : "removed")"
      report.content = .retention(decisions)
      return report
    }
  }
}
