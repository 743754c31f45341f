public import EventBus
public import Logging
public import Redis
public import Trading

/// Turns decisions into intents, each trace exactly once.
public struct Router {
  /// The program's name, which its intents carry as their source.
  public static let source = "quantum-ai-strategy-router"

  /// The router's group on the stream of decisions.
  public static let group = Group(Names.Group.router, of: Names.Stream.decisions)

  private let routing = RouteOnce(
    from: Self.group, to: Names.Stream.intents, deadLetters: Names.Stream.deadLetters, lifetime: Names.memory)
  private let logger: Logger
  private let now: @Sendable () -> Timestamp

  public init(logger: Logger, now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
    self.logger = logger
    self.now = now
  }

  /// The most decisions routed in one step: more would keep the server from its other clients for longer.
  private static let step = 64

  /// Routes decisions, up to 64 in one step inside the server: a new one becomes an intent, a repeated one is skipped, a
  /// malformed one and one that conflicts with what its trace published before become dead letters.
  public func route(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
    let now = now()
    var entries: [RoutedEntry] = []
    entries.reserveCapacity(deliveries.count)
    let results = try routing.run(on: connection) {
      let step = deliveries[entries.count...].prefix(Self.step)
      guard !step.isEmpty else { return nil }
      let made = step.map { RoutedEntry($0.entry, at: now, source: Self.source) }
      entries += made
      return made.map(\.item)
    }
    for (index, result) in results.enumerated() {
      report(result, of: entries[index], deliveries[index].entry.id)
    }
    return deliveries.map { _ in .settled }
  }

  private func report(_ result: RouteOnce.Result, of entry: RoutedEntry, _ id: String) {
    switch (result, entry.trace) {
    case (.duplicate, let trace?):
      logger.notice("\(LogLine.duplicateSkip(trace))", metadata: fields(.duplicateSkip, trace, id))
    case (.conflict(let first), let trace?):
      let text = "CONFLICT trace_id=\(trace): another payload was published as \(first); now a dead letter"
      logger.error("\(text)", metadata: fields(.conflict, trace, id))
    case (.deadLettered, _):
      logger.warning("DEAD LETTER \(id): \(entry.fault ?? "")", metadata: fields(.deadLetter, entry.trace, id))
    case (.published(let intent), let trace?):
      logger.debug("routed trace_id=\(trace) as \(intent)", metadata: fields(.routed, trace, id))
    case (.gone, _):
      logger.notice(
        "decision \(id) was taken over while this process was paused", metadata: fields(.takenOver, entry.trace, id))
    default: break
    }
  }

  private func fields(_ event: LogLine.Event, _ trace: TraceID?, _ id: String) -> Logger.Metadata {
    LogLine.fields(event, trace, stream: id).mapValues { .string($0) }
  }
}
