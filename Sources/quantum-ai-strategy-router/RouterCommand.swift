internal import ArgumentParser
internal import EventBus
internal import Logging
internal import Redis
internal import ServiceRuntime
internal import StrategyRouter
internal import Trading

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
    } loop: { stop, observer, logger in
      try Self.loop(settings.common, stop, observer, logger)
    }
    throw ExitCode(status.rawValue)
  }

  private static func loop(
    _ settings: CommonSettings, _ stop: StopSignal, _ observer: ConsumerObserver, _ logger: Logger
  ) throws {
    let router = Router(logger: logger)
    let trimmer = settings.trimmer(of: Router.group, logger: logger)
    let needs = Requirements(
      streams: [Names.Stream.intents, Names.Stream.results],
      keys: [Names.Key.tradeIntentPrefix + "-", "quantum:order:-"],
      scripts: [RouteOnce.script])
    var configuration = settings.consumer(role: "router", in: Router.group, needs: needs)
    configuration.readsAhead = true
    let consumer = Consumer(
      configuration, endpoint: settings.redis,
      options: settings.connectionOptions(role: "router"), stop: stop)
    let watch = DataLossWatch(
      DataLossNotice(key: Names.Key.dataLoss, acceptedKey: Names.Key.dataLossAccepted), markKey: Names.Key.dataLossMark,
      epochKey: Names.Key.executionEpoch, streams: [Names.Stream.decisions, Names.Stream.intents])
    try TakeOver.explaining {
      try consumer.run(
        prepare: { connection in
          if let missing = try watch.connected(on: connection) {
            logger.critical(
              "REDIS LOST WRITES: \(missing); decisions that it lost must be sent again by their producer")
          }
          observer.alarm(watch.alarm.map { "Redis lost writes: \($0)" })
          return nil
        },
        handle: { deliveries, connection in
          let outcomes = try router.route(deliveries, on: connection)
          try watch.refresh(on: connection)
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
