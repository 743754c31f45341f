internal import ArgumentParser
internal import EventBus
internal import Execution
internal import Redis
internal import ServiceRuntime

@main
struct ExecutionCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Executor.source,
    abstract: "Turn trade intents into orders, each at most once and into one terminal state.",
    discussion: """
      It reads its settings from the environment (QUANTUM_REDIS and others, described in execution.env) and runs until \
      SIGTERM or SIGINT.

      Exit status: 0 asked to stop; 1 an error; 75 a later process has taken over; 78 the configuration is wrong, or \
      the state directory cannot be used.
      """,
    version: ServiceProgram.version(of: Executor.source))

  @Flag(help: "Validate the configuration and exit: 0 when it is valid, 1 when it is not.")
  var check = false

  func run() async throws {
    let settings = ServiceProgram.settings(of: Executor.source, isCheck: check) {
      (environment) throws(EnvironmentError) in try ExecutionSettings(&environment)
    }
    if check { return print("\(Executor.source): the configuration is valid") }
    let status = await ServiceProgram.run(Executor.source, logLevel: settings.common.logLevel) { error in
      Self.status(of: error)
    } loop: { stop, observer, logger in
      try TakeOver.explaining { try ExecutionLoop(settings, stop, observer, logger).run() }
    }
    throw ExitCode(status.rawValue)
  }

  private static func status(of error: any Error) -> ExitStatus {
    if error is TakeOverError || error is StateFileError { return .configuration }
    if let error = error as? RedisError, error.isStaleEpoch { return .overtaken }
    return .failure
  }
}
