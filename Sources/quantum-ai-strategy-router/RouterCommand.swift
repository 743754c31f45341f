internal import ArgumentParser
internal import EventBus
internal import Logging
internal import Redis
internal import ServiceRuntime
internal import StrategyRouter

@main
struct RouterCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: Router.source,
    abstract: "Turn decisions into trade intents, each exactly once.",
    discussion: """
      It reads its settings from the environment (QUANTUM_REDIS and others, described in router.env) and runs until \
      SIGTERM or SIGINT.

      Exit status: 0 asked to stop; 1 an error; 78 the configuration is wrong, or an operator has to \
      decide where to begin.
      """,
    version: ServiceProgram.version(of: Router.source))

  @Flag(help: "Validate the configuration and exit: 0 when it is valid, 1 when it is not.")
  var check = false

  func run() async throws {
    let settings = ServiceProgram.settings(of: Router.source, isCheck: check) {
      (environment) throws(EnvironmentError) in try RouterSettings(&environment)
    }
    if check { return print("\(Router.source): the configuration is valid") }
    let status = await ServiceProgram.run(Router.source, logLevel: settings.common.logLevel) { error in
      error is TakeOverError ? .configuration : .failure
    } loop: { stop, logger in
      try Self.loop(settings.common, stop, logger)
    }
    throw ExitCode(status.rawValue)
  }

  private static func loop(_ settings: CommonSettings, _ stop: StopSignal, _ logger: Logger) throws {
    let observer = ConsumerObserver(logger: logger)
    let router = Router(logger: logger)
    let trimmer = Trimmer(Router.group.stream, keep: settings.keep, logger: logger)
    let consumer = Consumer(
      settings.consumer(role: "router", in: Router.group), endpoint: settings.redis,
      options: settings.connectionOptions(role: "router"), stop: stop)
    try TakeOver.explaining {
      try consumer.run(
        handle: { deliveries, connection in
          let outcomes = try router.route(deliveries, on: connection)
          trimmer.runIfDue(on: connection)
          return outcomes
        }, observe: observer.observe)
    }
  }
}

/// What the router is told by its environment; `units/router.env` describes each key.
struct RouterSettings: Sendable {
  var common: CommonSettings

  init(_ environment: inout EnvironmentReader) throws(EnvironmentError) {
    common = try CommonSettings(&environment, batch: 256)
  }
}
