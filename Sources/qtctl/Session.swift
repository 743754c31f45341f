import Deployment
import Glibc
import Host
import Systemd

/// One run of a verb: the terminal, the environment, and the host when it is asked for.
struct Session {
  let console: Console
  let environment = Environment.current
  let recorder: StepRecorder

  init(_ options: GlobalOptions) {
    let console = Console(options)
    self.console = console
    recorder = StepRecorder { console.tell($0) }
  }

  func scope() throws -> Scope { try Scope(named: console.options.manifest, environment: environment) }

  /// The host, for what changes or proves it.
  func context() throws -> HostContext {
    try HostContext(
      state: environment.state, services: SystemdControl(ServiceManager()), redis: environment.redis,
      command: CommandLine.arguments.dropFirst().joined(separator: " "))
  }
}
