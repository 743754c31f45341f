import ArgumentParser
import Basics
import Deployment
import HostState
import Presentation
import Rehearsing
import Releases
import Remote
import Signatures
import Transactions
import Verification
import Watching

struct DeployCommand: QtctlCommand {
  static let isTransaction = true
  static let configuration = CommandConfiguration(
    commandName: "deploy", abstract: "Deploy a release: back up, swap files, restart, verify; roll back on failure.",
    discussion: ExitStatusHelp.list([
      .done, .locked, .backupDamaged, .drift, .refused, .rolledBack, .unhealthy, .recovered, .checkFailed,
    ]))

  @OptionGroup var global: GlobalOptions

  @Argument(
    help:
      "The release: a folder with a qtctl.yaml, or a .tar, .tar.gz or .tar.zst of one (default: the manifest's folder)."
  )
  var release: String?

  @Flag(help: "Show the plan and change nothing.")
  var dryRun = false

  @Flag(help: "Try it on a throwaway copy of this host first, as 'qtctl rehearse' does; go on only if that works.")
  var rehearse = false

  @Option(help: ArgumentHelp("Deploy only this unit and its files; may be repeated.", valueName: "unit"))
  var only: [String] = []

  @Flag(name: .customLong("no-verify"), help: "Do not run the checks afterwards.")
  var skipVerify = false

  @Flag(name: .customLong("no-rollback"), help: "Do not roll back when the deploy fails.")
  var skipRollback = false

  @Flag(help: "Overwrite files that were changed by hand on the host; they are backed up first.")
  var acceptDrift = false

  @Flag(help: "Deploy a release that failed on this host before.")
  var again = false

  @Flag(help: "Restart all units, changed or not.")
  var all = false

  @Flag(help: "Allow backups on a tmpfs; a reboot loses them.")
  var volatileStore = false

  @Option(help: ArgumentHelp("How long every unit must stay up (default: as in the manifest).", valueName: "duration"))
  var stable: Duration?

  @Option(
    help: ArgumentHelp("How long to wait for another transaction to end (default: not at all).", valueName: "duration"))
  var wait: Duration = .zero

  @Option(help: ArgumentHelp("The reason, kept in the history.", valueName: "text"))
  var reason: String?

  @Option(
    help: ArgumentHelp(
      "Watch the release for so long once it is verified (default: as 'watch' in the manifest, else not at all).",
      valueName: "duration"),
    transform: WatchLength.read)
  var watch: Duration?

  @Flag(name: .customLong("no-watch"), help: "Do not watch the release, whatever the manifest says.")
  var skipWatch = false

  func validate() throws {
    if watch != nil, skipWatch || skipVerify {
      let other = skipWatch ? "--no-watch" : "--no-verify"
      throw ValidationError("--watch and \(other) cannot be used together; remove one of them")
    }
    if release != nil && global.manifest != nil {
      throw ValidationError("RELEASE and --manifest cannot be used together; remove one of them")
    }
    if rehearse && dryRun {
      throw ValidationError("--rehearse and --dry-run cannot be used together; remove one of them")
    }
  }

  var isDetached: Bool { !dryRun }
  func errand(_ environment: Environment) throws -> Errand { try errandOfRelease(release, environment) }

  func perform(_ session: Session) async throws -> CommandResult {
    if rehearse {
      let rehearsal = try await RehearseCommand.run(global.received(release), session) { request in
        request.options = repeatable
        request.stable = stable?.compactText
        request.verifies = !skipVerify
      }
      let result = CommandResult("deploy", rehearsal: rehearsal)
      guard rehearsal.passed else { return result }
      session.console.progress(result.message)
    }
    return try await deploy(session)
  }

  /// What the rehearsal's deploy is told as well.
  private var repeatable: [String] {
    only.flatMap { ["--only", $0] }
      + [("--all", all), ("--accept-drift", acceptDrift), ("--again", again), ("--volatile-store", volatileStore)]
      .filter(\.1).map(\.0)
  }

  private func deploy(_ session: Session) async throws -> CommandResult {
    let opened = try OpenedRelease(
      session.path(of: global.received(release)), below: session.environment.state, session.digests)
    defer { opened.close() }
    if let signer = opened.signer { session.console.progress("signed by \(signer)") }
    return try await deploy(opened.release, session)
  }

  private func deploy(_ release: Release, _ session: Session) async throws -> CommandResult {
    let deploy = Deploy(try session.context(), recorder: session.recorder, tell: session.console.tell)
    var options = DeployOptions()
    options.only = Set(only.map { $0.contains(".") ? $0 : $0 + ".service" })
    options.all = all
    options.verify = !skipVerify
    options.rollback = !skipRollback
    options.acceptDrift = acceptDrift
    options.again = again
    options.wait = wait
    options.reason = reason
    options.volatileStore = volatileStore
    options.stable = stable
    options.store = session.environment.backups
    guard dryRun else {
      return try await watching(release.manifest, session) { try await deploy.run(release, options) }
    }
    let (before, plan) = try await deploy.preview(release, options)
    let course = "\(before.map(String.init(describing:)) ?? "nothing deployed by qtctl") → \(release.identity)"
    return CommandResult("deploy", plan: plan, course: course, isVerbose: global.verbose || global.json)
  }

  /// Begins the watch once the deploy is verified. That it cannot begin is no failure of the deploy.
  private func watching(
    _ manifest: Manifest, _ session: Session, _ deploy: () async throws -> TransactionResult
  ) async throws -> CommandResult {
    guard !skipWatch, watch != nil || manifest.watch != nil else { return CommandResult("deploy", try await deploy()) }
    let watcher = try session.watcher()
    let usual = watcher.settledMemory(manifest.name)
    let result = try await deploy()
    var report = CommandResult("deploy", result)
    guard result.exit == .done, result.outcome != .unverified else { return report }
    do {
      let record = try watcher.begin(manifest.name, for: watch, after: result.checks, usualMemory: usual)
      report.message += "\nwatched \(record.sentence(at: Clock.seconds))"
    } catch {
      report.message += "\nwarning: it is not watched: \(error)"
    }
    return report
  }
}
