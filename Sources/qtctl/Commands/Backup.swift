import ArgumentParser
import Deployment
import Host

struct Backup: Verb {
  static let configuration = CommandConfiguration(
    abstract: "Take a backup of what stands now.",
    discussion: ExitStatusHelp.list([.done, .locked, .refused, .recovered]))

  @OptionGroup var global: GlobalOptions

  @Option(help: ArgumentHelp("How long to wait for another transaction to end.", valueName: "duration"))
  var wait: Duration = .zero

  @Option(help: ArgumentHelp("Why; kept in the backup and in the history.", valueName: "text"))
  var reason: String?

  @Flag(help: "Take a backup store on a tmpfs, which a reboot takes away.")
  var volatileStore = false

  func perform(_ session: Session) async throws -> Report {
    let taker = BackupTaker(try session.context(), recorder: session.recorder)
    let result = try await taker.take(
      try session.scope(), reason: reason, wait: wait, volatileStore: volatileStore)
    return Report("backup", result)
  }
}
