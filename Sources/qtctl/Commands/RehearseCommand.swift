import ArgumentParser
import Basics
import Deployment
import FileOperations
import Glibc
import HostState
import Presentation
import Rehearsing
import Releases
import Remote
import Signatures
import Systemd
import Transactions
import Units

struct RehearseCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse", abstract: "Try a release on a throwaway copy of this host; nothing here is changed.",
    discussion: """
      The copy has this host's files, copied on write to memory, its systemd, and a Redis with a copy of the data, but no network.
      In it the release is deployed and verified, the copy is rebooted and verified, and the release is rolled back and verified.
      It tells whether that works, how long it takes, what changes, and of a failure the journal behind it.

      """ + ExitStatusHelp.list([.done, .locked, .drift, .refused, .checkFailed]))

  @OptionGroup var global: GlobalOptions

  @Argument(
    help:
      "The release: a folder with a qtctl.yaml, or a .tar, .tar.gz or .tar.zst of one (default: the manifest's folder)."
  )
  var release: String?

  @Flag(help: "Open a shell in the copy after the rehearsal, before it is gone.")
  var shell = false

  @Flag(name: .customLong("no-reboot"), help: "Do not reboot the copy after the deploy.")
  var skipReboot = false

  @Option(help: ArgumentHelp("Also run this unit in the copy; may be repeated.", valueName: "unit"))
  var with: [String] = []

  @Option(
    help: ArgumentHelp(
      "The most memory that the copy may take, such as 4G (default: half of what is free).", valueName: "size"))
  var memory: MemorySize?

  @Flag(help: "Overwrite files that were changed by hand on the host.")
  var acceptDrift = false

  @Option(help: ArgumentHelp("How long every unit must stay up (default: as in the manifest).", valueName: "duration"))
  var stable: Duration?

  func validate() throws {
    if release != nil && global.manifest != nil {
      throw ValidationError("RELEASE and --manifest cannot be used together; remove one of them")
    }
    if shell && global.json { throw ValidationError("--shell and --json cannot be used together; remove one of them") }
  }

  func errand(_ environment: Environment) throws -> Errand {
    if shell { throw ValidationError("--shell and --host cannot be used together; run it on the host: ssh -t") }
    return try errandOfRelease(release, environment)
  }

  func perform(_ session: Session) async throws -> CommandResult {
    let record = try await Self.run(global.received(release), session, shell: shell) { request in
      // A release that failed here before is what one wants to try.
      request.options = ["--again"] + (acceptDrift ? ["--accept-drift"] : [])
      request.stable = stable?.compactText
      request.reboots = !skipReboot
      request.with = with.map { $0.contains(".") ? $0 : $0 + ".service" }
      request.memory = memory?.bytes
    }
    return CommandResult("rehearse", rehearsal: record)
  }

  /// - Parameter adjust: says what is to be tried, and how.
  /// - Throws: where the host is just being changed, or was left half way, and as the rehearsal.
  static func run(
    _ release: String?, _ session: Session, shell: Bool = false, _ adjust: (inout RehearsalRequest) -> Void
  ) async throws -> RehearsalRecord {
    guard Caller.isRoot else { throw RehearsalUnavailable("it needs root; run it with sudo") }
    let state = session.environment.state
    if let holder = LockHolder.current(state) { throw LockError.held(holder, path: state.lock) }
    if let waiting = Recovery.waiting(state) { throw Refusal(["\(waiting); run: qtctl recover"]) }
    let path = try session.path(of: release)
    // Whatever the copy would read or run of it, its signature comes first.
    let proved = try OpenedRelease.proved(path, below: state)
    defer { proved?.close() }
    var request =
      try proved.map { try RehearsalRequest($0.release, at: $0.manifest, caller: session.environment) }
      ?? RehearsalRequest(path, caller: session.environment)
    adjust(&request)
    let manager: ServiceManager
    do {
      manager = try ServiceManager()
    } catch {
      throw RehearsalUnavailable("\(error)")
    }
    return try await HostRehearsal(request, manager, recorder: session.anotherRecorder).run { record, open in
      guard shell else { return }
      session.console.note(CommandResult("rehearse", rehearsal: record).message)
      session.console.progress("a shell in the copy; 'exit' ends it, and the copy with it")
      Interruption.process.watch()
      try await open(getenv("TERM").map { String(cString: $0) } ?? "dumb")
    }
  }
}

/// Bytes on the command line: a number, with K, M or G after it for powers of 1024.
struct MemorySize: ExpressibleByArgument {
  let bytes: Int

  init?(argument: String) {
    let factors: [Character: Int] = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
    let factor = argument.last.flatMap { factors[$0] }
    guard let number = Int(argument.dropLast(factor == nil ? 0 : 1)), number > 0 else { return nil }
    bytes = number.multipliedSaturated(by: factor ?? 1)
  }
}
