import ArgumentParser
import Deployment
import Glibc
import HostState
import Presentation
import Releases
import Remote
import Terminal

/// A command that runs on another host.
enum HostRun {
  /// - Returns: the exit status that it has there.
  /// - Throws: `ValidationError` for what cannot be asked of a host, or why it did not run.
  static func status<Command: QtctlCommand>(of command: Command, on host: String, _ session: Session) async throws
    -> Int32
  {
    let global = command.global
    let errand = try command.errand(session.environment)
    let isQuiet = global.quiet
    let console = session.console
    let isSeen = isatty(STDERR_FILENO) == 1
    let call = HostCall(
      try RemoteHost(host), HostWords.removed(from: HostWords.settled(Array(CommandLine.arguments.dropFirst()))),
      errand,
      terminal(console), isDocument: global.json && !errand.isEndless,
      tell: { text in if !isQuiet { console.progress(text) } },
      complain: { line in if isSeen { console.note("ssh: " + line, .dim) } })
    return try call.run(installing: global.installQtctl)
  }

  private static func terminal(_ console: Console) -> HostCall.Terminal {
    HostCall.Terminal(
      columns: Layout.columns(of: STDOUT_FILENO), isColoured: console.isColoured,
      isASCII: ProcessEnvironment.isASCII)
  }
}

extension QtctlCommand {
  /// Whether it is about what is on the host, so that it takes nothing along.
  func errand(_ environment: Environment) throws -> Errand {
    try errandOfHost()
  }

  func errandOfHost(_ cargo: Errand.Cargo? = nil, output: Errand.Output? = nil, isEndless: Bool = false) throws
    -> Errand
  {
    if global.manifest != nil {
      throw ValidationError(
        "--manifest and --host cannot be used together here: the command is about what was deployed on the host; use "
          + "--name NAME where that is more than one")
    }
    return Errand(cargo, output: output, isDetached: isDetached, isEndless: isEndless)
  }

  /// - Parameter release: as the command line names it.
  func errandOfRelease(
    _ release: String?, _ environment: Environment, output: Errand.Output? = nil
  ) throws -> Errand {
    if global.name != nil {
      throw ValidationError(
        "--name and --host cannot be used together here: a release of this machine is sent; name it")
    }
    guard let path = ManifestLookup.path(named: release ?? global.manifest, environment: environment) else {
      throw Refusal(["no release given; name its folder, or run the command where its manifest is"])
    }
    return Errand(.release(path), output: output, isDetached: isDetached)
  }
}
