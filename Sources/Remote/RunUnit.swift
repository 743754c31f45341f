internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
package import HostState
internal import SystemPackage
internal import Systemd

/// A run as a unit of systemd that has no file: it is no child of the connection's, and ends with nothing but itself.
package enum RunUnit {
  /// What is left of an interrupted transaction is undone within so long, or killed; the rollback watchdog and the boot do
  /// the rest.
  private static let stop = Duration.seconds(300)

  /// - Parameter program: qtctl, absolute.
  /// - Throws: `Refusal` where systemd does not start it. Nothing was done then.
  static func start(_ run: RunRecord, in store: RunStore, program: String) throws {
    try store.begin(run)
    do {
      let manager = try ServiceManager()
      let job = try manager.startTransient(run.unit, properties(run, store, program))
      let result = try manager.wait(for: [job], until: .now + .seconds(30))[job]
      // A command that is over within this time has begun all the same.
      let isOver = try store.ending(of: run.id) != nil
      guard result == .done || isOver else {
        throw Refusal(["systemd has not started '\(run.unit)'; see: journalctl -u \(run.unit)"])
      }
    } catch {
      if (try? store.ending(of: run.id)) == nil { store.forget(run.id) }
      throw Refusal(["the command was not begun: \(error)"])
    }
  }

  private static func properties(_ run: RunRecord, _ store: RunStore, _ program: String) -> [TransientProperty] {
    [
      .text("Description", "qtctl \(run.words.first ?? "") for another machine"), .text("Type", "exec"),
      .text("CollectMode", "inactive-or-failed"), .text("KillMode", "mixed"), .text("OOMPolicy", "continue"),
      .duration("TimeoutStopUSec", stop),
      .text("StandardOutputFileToAppend", store.output(.stdout, of: run.id)),
      .text("StandardErrorFileToAppend", store.output(.stderr, of: run.id)),
      .command(
        ExecCommand(directive: "ExecStart", path: program, arguments: [program, "serve", "--perform", run.id])),
      // It learns from its environment how the command ended (systemd.exec(5)). As words, systemd 252 would forget to put
      // the values in once it has read its unit files again.
      .command(
        ExecCommand(directive: "ExecStopPost", path: program, arguments: [program, "serve", "--ended", run.id])),
    ]
  }

  /// Becomes the command of a run.
  ///
  /// - Throws: where it cannot.
  package static func perform(_ id: String, state: StateFolder, program: String) throws -> Never {
    let run = try RunStore(state).read(id)
    // Where it cannot be entered, as a home on a network that root may not read, paths start from the root.
    if let folder = run.folder { _ = chdir(FileName.cString(folder)) }
    let words = ([program] + run.words).map { strdup($0) } + [nil]
    let environment = run.environment.map { strdup($0) } + [nil]
    execve(program, words, environment)
    throw FileError(operation: "execute", path: program, errno: .init(rawValue: errno))
  }

  /// Records how a run ended.
  ///
  /// - Parameters:
  ///   - code: `exited`, `killed` or `dumped`.
  ///   - status: its exit status, or the signal's name.
  package static func ended(_ id: String, _ code: String, _ status: String, state: StateFolder) throws {
    if code == "exited", let number = Int32(status) { return try RunStore(state).end(id, Ending(exit: number)) }
    let signals = [
      "HUP": SIGHUP, "INT": SIGINT, "QUIT": SIGQUIT, "ABRT": SIGABRT, "KILL": SIGKILL, "SEGV": SIGSEGV, "TERM": SIGTERM,
    ]
    try RunStore(state).end(id, Ending(exit: nil, signal: signals[status] ?? SIGKILL))
  }

  /// Sends SIGINT to the command of a run: it does what Ctrl-C does on the host itself.
  static func interrupt(_ id: String) {
    _ = try? ServiceManager().kill(RunRecord.unit(id), signal: SIGINT, whom: .main)
  }
}
