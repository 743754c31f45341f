import ArgumentParser
import Basics
import Deployment
import HostState
import HostState
import Presentation
import Remote
import Transactions
import Verification

struct VerifyCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Run all checks now.",
    discussion: ExitStatusHelp.list([.done, .locked, .refused, .checkFailed]))

  @OptionGroup var global: GlobalOptions

  @Flag(name: .customLong("no-probe"), help: "Do not send a probe through the pipeline.")
  var skipProbe = false

  @Option(help: ArgumentHelp("How long every unit must stay up (default: as in the manifest).", valueName: "duration"))
  var stable: Duration?

  @Option(help: ArgumentHelp("Also write the results to this file as JUnit XML.", valueName: "file"))
  var junit: String?

  func errand(_ environment: Environment) throws -> Errand {
    try errandOfHost(output: junit.map { Errand.Output($0) })
  }

  func perform(_ session: Session) async throws -> CommandResult {
    if let holder = LockHolder.current(session.environment.state) {
      throw LockError.held(holder, path: session.environment.state.lock)
    }
    if let junit { try JUnit.check(junit) }
    session.tellOfInterruption()
    var spec = try VerificationSpec(session.lookup(), redis: session.environment.redis)
    spec.probe = !skipProbe
    spec.stable = stable
    let checks = await (try session.context()).health.verify(spec, tell: session.console.tell)
    let failures = checks.failures
    var report = CommandResult("verify", checks.healthy ? .verified : .failed)
    report.checks = checks
    report.exit = checks.healthy ? .done : .checkFailed
    report.message =
      checks.healthy
      ? "verified: " + CommandResult.counts(checks)
      : "\(failures.count) of \(checks.count) checks failed: \(failures.map(\.id).uniqued().joined(separator: ", "))"
    if let junit {
      do {
        try JUnit(checks: checks).write(to: global.output(junit))
      } catch {
        report.message += "\nthe JUnit file could not be written: \(error)"
        if report.exit == .done { report.exit = .internalError }
      }
    }
    return report
  }
}
