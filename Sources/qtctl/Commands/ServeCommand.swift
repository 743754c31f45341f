import ArgumentParser
import Deployment
import FileOperations
import Glibc
import HostState
import Presentation
import Remote
import Systemd

/// The side of --host that is on the host; what ssh and systemd start, and no person.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Answer one call of --host on standard input and output.", shouldDisplay: false)

  @Option(help: .hidden) var perform: String?
  @Option(help: .hidden) var ended: String?
  @Flag(help: .hidden) var setUp = false

  func run() throws {
    for number in [SIGPIPE, SIGHUP] { signal(number, SIG_IGN) }
    do {
      guard Caller.isRoot else { throw Refusal(["only root can serve --host; run it with sudo"]) }
      guard let program = Program.path else { throw Refusal(["the file of this program was replaced; try again"]) }
      let state = Environment.current.state
      if setUp { return try CallServer.setUp() }
      if let perform { try RunUnit.perform(perform, state: state, program: program) }
      if let ended {
        return try RunUnit.ended(
          ended, variable("EXIT_CODE"), variable("EXIT_STATUS"), state: state)
      }
      try CallServer(state: state, program: program, environment: ProcessEnvironment.lines).answer()
    } catch {
      Console.write("qtctl: \(error)\n", to: STDERR_FILENO)
      throw ExitCode(((error as? any CommandError)?.exitStatus ?? .internalError).rawValue)
    }
  }

  private func variable(_ name: String) -> String { getenv(name).map { String(cString: $0) } ?? "" }
}
