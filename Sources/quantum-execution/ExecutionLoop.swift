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
    let configuration = settings.common.consumer(role: "execution", in: Executor.group, needs: needs)
    let lossGuard = DataLossGuard(
      DataLossGuard.Configuration(
        folder: settings.stateDirectory, window: settings.window, intentAge: settings.freshness.most,
        claimIdle: settings.common.claimIdle), logger: logger)
    let consumer = Consumer(
      configuration, endpoint: settings.common.redis,
      options: settings.common.connectionOptions(role: "execution"), stop: stop)
    let signOfLife = SignOfLife(of: configuration.name, in: configuration.group, every: configuration.claimIdle / 8) {
      lossGuard.turn()
      observer.observe(.turn)
    }
    // Made with the first connection, since the epoch is taken in Redis, and anew when Redis lost writes.
    var executor: Executor?
    while true {
      do {
        return try consumer.run(
          prepare: { connection in
            if executor == nil { try Self.standBy(configuration, on: connection) }
            let fence = try lossGuard.prepare(on: connection)
            if executor?.fence != fence { executor = try makeExecutor(fence, lossGuard, signOfLife, on: connection) }
            observer.alarm(lossGuard.alarm)
            return fence
          },
          handle: { deliveries, connection in
            guard let executor else { return deliveries.map { _ in .later(reason: "not prepared") } }
            let outcomes = try executor.execute(deliveries, on: connection)
            trimmer.runIfDue(on: connection)
            return outcomes
          },
          observe: { event in
            switch event {
            case .turn: lossGuard.turn()
            case .disconnected: lossGuard.disconnected()
            default: break
            }
            observer.observe(event)
          })
      } catch let error as RedisError where error.isStaleEpoch {
        // A Redis that went back shows an earlier epoch; only a later one means that another process took over.
        // One that cannot be asked now is asked again by the next connect.
        guard (try? isLost(lossGuard)) ?? true else { throw error }
      }
    }
  }

  private func isLost(_ lossGuard: DataLossGuard) throws(RedisError) -> Bool {
    let connection = try Connection(
      to: settings.common.redis, options: settings.common.connectionOptions(role: "execution"))
    return try lossGuard.isLost(on: connection)
  }

  private var needs: Requirements {
    let own = Requirements(
      streams: [Names.Stream.results], keys: [Names.Key.orderPrefix + "-", "quantum:order:-"],
      scripts: SettleOnce.scripts)
    return settings.exchange == .paper ? own.merging(PaperExchange.needs) : own
  }

  /// One process executes at a time. To start as a second one is to wait until the first has gone silent, for the time
  /// after which its entries would be taken over too.
  private static func standBy(_ configuration: Consumer.Configuration, on connection: Connection) throws {
    let other = try configuration.group.livelyOther(
      than: configuration.name, silence: configuration.claimIdle, on: connection)
    guard let other else { return }
    throw StandBy(
      "'\(other.name)' executes; this process takes over when that one is silent for \(configuration.claimIdle)")
  }

  private func makeExecutor(
    _ fence: Fence, _ lossGuard: DataLossGuard, _ signOfLife: SignOfLife, on connection: Connection
  ) throws(RedisError) -> Executor {
    let exchange: any Exchange =
      switch settings.exchange {
      case .paper:
        PaperExchange(
          at: settings.common.redis, rules: settings.paper,
          options: settings.common.connectionOptions(role: "paper-exchange"))
      case .venue: VenueExchange(at: settings.venue, timeout: settings.venueTimeout)
      }
    return Executor(
      exchange: exchange, fence: fence, freshness: settings.freshness, window: settings.window, lossGuard: lossGuard,
      waitsForDisk: try canWaitForDisk(on: connection), isStopping: { stop.isRaised },
      goesOn: signOfLife.tell, logger: logger)
  }

  /// Whether the operator asks for WAITAOF and the server has it, which Redis does from 7.2 on.
  private func canWaitForDisk(on connection: Connection) throws(RedisError) -> Bool {
    guard settings.waitsForDisk else { return false }
    let reply = try connection.call(["COMMAND", "INFO", "WAITAOF"])
    if reply.array?.first?.array != nil { return true }
    logger.warning(
      "QUANTUM_WAIT_AOF is yes, but this Redis has no WAITAOF (7.2 and later have); set appendfsync always")
    return false
  }
}
