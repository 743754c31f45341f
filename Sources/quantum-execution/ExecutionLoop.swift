internal import EventBus
internal import Execution
internal import Logging
internal import Redis
internal import ServiceRuntime
internal import Trading

/// Puts the parts of execution together and runs them on the calling thread.
struct ExecutionLoop {
  private let settings: ExecutionSettings
  private let stop: StopSignal
  private let observer: ConsumerObserver
  private let logger: Logger

  init(_ settings: ExecutionSettings, _ stop: StopSignal, _ observer: ConsumerObserver, _ logger: Logger) {
    self.settings = settings
    self.stop = stop
    self.observer = observer
    self.logger = logger
  }

  func run() throws {
    let results = Trimming(Names.Stream.results, keep: settings.keepResults, trimsWithoutGroup: true)
    let trimmer = settings.common.trimmer(of: Executor.group, and: [results], logger: logger)
    let genesis = GenesisGuard(rememberingIn: settings.stateDirectory)
    let configuration = settings.common.consumer(role: "execution", in: Executor.group, needs: Self.needs)
    let consumer = Consumer(
      configuration, endpoint: settings.common.redis,
      options: settings.common.connectionOptions(role: "execution"), stop: stop)
    // Made with the first connection, since the epoch of this start is counted in Redis.
    var executor: Executor?
    try consumer.run(
      prepare: { connection in
        try genesis.check(on: connection)
        if let executor { return executor.fence }
        try Self.standBy(configuration, on: connection)
        let fence = try Fence.take(Names.Key.executionEpoch, on: connection)
        executor = makeExecutor(fence)
        return fence
      },
      handle: { deliveries, connection in
        guard let executor else { return deliveries.map { _ in .later(reason: "not prepared") } }
        let outcomes = try executor.execute(deliveries, on: connection)
        trimmer.runIfDue(on: connection)
        return outcomes
      }, observe: observer.observe)
  }

  private static let needs = Requirements(
    streams: [Names.Stream.results], keys: [Names.Key.orderPrefix + "-", "quantum:order:-"], scripts: SettleOnce.scripts
  )

  /// One process executes at a time. To start as a second one is to wait until the first has gone silent, for the time
  /// after which its entries would be taken over too.
  private static func standBy(_ configuration: Consumer.Configuration, on connection: Connection) throws {
    let other = try configuration.group.livelyOther(
      than: configuration.name, silence: configuration.claimIdle, on: connection)
    guard let other else { return }
    throw StandBy(
      "'\(other.name)' executes; this process takes over when that one is silent for \(configuration.claimIdle)")
  }

  private func makeExecutor(_ fence: Fence) -> Executor {
    let exchange: any Exchange =
      switch settings.exchange {
      case .paper:
        PaperExchange(
          at: settings.common.redis, rules: settings.paper,
          options: settings.common.connectionOptions(role: "paper-exchange"))
      case .venue: VenueExchange(at: settings.venue, timeout: settings.venueTimeout)
      }
    return Executor(
      exchange: exchange, fence: fence, freshness: settings.freshness, window: settings.window,
      isStopping: { stop.isRaised }, logger: logger)
  }
}
