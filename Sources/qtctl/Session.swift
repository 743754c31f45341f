import Backups
import Commit
import Deployment
import FileOperations
import Glibc
import HostState
import KnownDigests
import Presentation
import Releases
import Systemd
import Terminal
import Transactions
import Units
import Watching

/// One run of a verb: the terminal, the environment, and the host when it is asked for.
struct Session {
  let console: Console
  let options: GlobalOptions
  let environment = Environment.current
  let recorder: StepRecorder
  private let progress: Progress
  /// Of files that are not read again.
  let digests: KnownDigests

  init(_ options: GlobalOptions) {
    self.options = options
    digests = KnownDigests(in: environment.state.path)
    let console = Console(options.shown)
    self.console = console
    progress = Progress(console)
    console.attach(progress)
    recorder = StepRecorder(observer: progress)
  }

  /// For steps that are told and are no part of the result's.
  var anotherRecorder: StepRecorder { StepRecorder(observer: progress) }

  /// For verbs that only look: what they show may be half of two states.
  func tellOfInterruption() {
    if let waiting = Recovery.waiting(environment.state) { console.note("qtctl: " + waiting, .careful) }
  }

  /// - Parameter units: that a person named.
  func lookup(units: [String] = []) throws -> ManifestLookup {
    try ManifestLookup(
      named: options.manifest, name: options.name, units: units, environment: environment)
  }

  /// Where the release lies: the one named, else that of the manifest at hand. Nothing of it is read.
  func path(of release: String?) throws -> String {
    let atHand =
      options.name == nil ? ManifestLookup.path(named: options.manifest, environment: environment) : nil
    return try release ?? atHand ?? lookup().found().path
  }

  /// The name that is asked for; `nil`: every name.
  func name(_ options: GlobalOptions) throws -> String? {
    try options.name ?? options.manifest.map { _ in try lookup().name }
  }

  /// Where the backup of that stamp lies, or for `nil` all that may be chosen from.
  func place(of stamp: String?) throws -> BackupLocator {
    try BackupLocator(
      of: stamp, named: options.manifest, name: options.name, environment: environment)
  }

  /// The host, for what changes or proves it.
  ///
  /// - Parameter isBooting: whether the services start only after this process has ended.
  func context(isBooting: Bool = false) throws -> HostContext {
    let manager = isBooting ? try ServiceManager.direct() : try ServiceManager()
    let systemd = SystemdControl(manager, interruption: .process, isBooting: isBooting)
    var context = HostContext(
      state: environment.state, services: systemd, health: HealthVerifier(interruption: .process, digests: digests),
      redis: RedisInspector(), now: { Clock.seconds }, user: Caller.name,
      command: CommandLine.arguments.dropFirst().joined(separator: " "))
    context.trial = systemd
    context.digests = digests
    context.redisAddress = environment.redis
    context.redisUser = environment.redisUser
    context.diagnostics = SystemdDiagnostics(manager)
    context.interruption = .process
    context.note = { [console] in console.progress($0) }
    context.event = { JournalEvents.message($0).send(as: "qtctl") }
    context.program = Program.path
    return context
  }

  /// What watches a release after its deploy.
  func watcher() throws -> Watcher {
    Watcher(
      try context(), manager: try ServiceManager(), recorder: recorder, metrics: environment.metrics, tell: console.tell
    )
  }
}
