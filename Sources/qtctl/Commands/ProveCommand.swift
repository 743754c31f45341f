import ArgumentParser
import Deployment
import HostState
import Presentation
import Proving
import Releases
import Remote
import Signatures
import Systemd

struct ProveCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "prove",
    abstract: "Prove by injected faults that the services do what they promise, in a throwaway copy of this host.",
    discussion: """
      The release is deployed in a copy-on-write copy of this host without network, and there messages are doubled, services \
      killed, Redis restarted. Nothing on the host is changed, and nothing of the copy is left.

      The rows, each with what it proves:
      \(RowRegistry.list)

      """ + ExitStatusHelp.list([.done, .refused, .checkFailed]))

  @OptionGroup var global: GlobalOptions

  @Argument(help: "The release, as for deploy (default: the manifest's folder).")
  var release: String?

  @Flag(help: "Prove on the services of this host, by probes alone, what does them no harm.")
  var live = false

  @Option(
    help: ArgumentHelp("Run only this row; may be repeated.", valueName: "row"),
    completion: .list(RowRegistry.ids))
  var row: [String] = []

  @Option(
    help: ArgumentHelp("How long all of it may take; rows that are left then are skipped.", valueName: "duration"))
  var within: Duration = .seconds(1800)

  @Option(
    help: ArgumentHelp("How long a service may take to take over what a silent consumer held.", valueName: "duration"))
  var takeover: Duration = .seconds(90)

  @Option(help: ArgumentHelp("Also write the verdicts to this file as JUnit XML.", valueName: "file"))
  var junit: String?

  @Flag(help: .hidden)
  var inject = false

  @Option(help: .hidden)
  var subject: String?

  func validate() throws {
    if release != nil && global.manifest != nil {
      throw ValidationError("RELEASE and --manifest cannot be used together; remove one of them")
    }
    if live && release != nil {
      throw ValidationError(
        "--live proves what runs, not a release; remove RELEASE, or name a manifest with --manifest")
    }
    if let unknown = row.first(where: { !RowRegistry.ids.contains($0) }) {
      throw ValidationError("there is no row '\(unknown)'; the rows are \(RowRegistry.ids.joined(separator: ", "))")
    }
  }

  func errand(_ environment: Environment) throws -> Errand {
    let output = junit.map { Errand.Output($0) }
    if live { return try errandOfHost(output: output) }
    return try errandOfRelease(release, environment, output: output)
  }

  func perform(_ session: Session) async throws -> CommandResult {
    if let junit { try JUnit.check(junit) }
    let rows = live || inject ? try await here(session) : try await inMachine(session)
    let failed = rows.failures.count
    var report = CommandResult("prove", failed == 0 ? .done : .failed)
    report.checks = rows
    report.content = .verdicts
    report.exit = failed == 0 ? .done : .checkFailed
    report.message = VerdictText.counts(rows)
    if let junit { try JUnit(checks: rows, command: "prove").write(to: global.output(junit)) }
    return report
  }

  private func options(_ session: Session) -> ProofOptions {
    ProofOptions(redis: session.environment.redis, redisUser: session.environment.redisUser, takeover: takeover)
  }

  private func here(_ session: Session) async throws -> [CheckResult] {
    let prover = try Prover(
      session.lookup().manifest, options(session), mode: inject ? .injecting : .live)
    return await prover.run(row, of: subject, tell: session.console.tell)
  }

  private func inMachine(_ session: Session) async throws -> [CheckResult] {
    guard let program = Program.path else { throw Refusal(["the file of this program is gone; run the new one"]) }
    let opened = try OpenedRelease(session.path(of: global.received(release)), below: session.environment.state)
    defer { opened.close() }
    return try await ProofMachine(
      opened.release, manifest: opened.manifest, options: options(session), program: program, within: within,
      recorder: session.recorder, tell: session.console.tell
    ).run(row)
  }
}
