package import EventBus
package import Logging
package import Redis
package import Trading

/// Turns decisions into intents, each trace exactly once.
package struct Router {
  /// The program's name, which its intents carry as their source.
  package static let source = "quantum-ai-strategy-router"

  /// The router's group on the stream of decisions.
  package static let group = Group(Names.Group.router, of: Names.Stream.decisions)

  private let routing = RouteOnce(
    from: Self.group, to: Names.Stream.intents, deadLetters: Names.Stream.deadLetters, results: Names.Stream.results,
    lifetime: Names.memory)
  private let logger: Logger
  private let now: @Sendable () -> Timestamp

  package init(logger: Logger, now: @escaping @Sendable () -> Timestamp = Timestamp.now) {
    self.logger = logger
    self.now = now
  }

  /// The most decisions routed in one step: more would keep the server from its other clients for longer.
  private static let step = 64

  /// Routes decisions, up to 64 in one step inside the server. A new one becomes an intent, or a terminal state where no
  /// order can be made of it, or nothing where it says to hold; a repeated one is skipped; what cannot be read, and a
  /// repetition that says something else, become dead letters.
  package func route(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
    let now = now()
    var readings: [RoutedEntry.Reading] = []
    readings.reserveCapacity(deliveries.count)
    let results = try routing.run(on: connection) {
      let step = deliveries[readings.count...].prefix(Self.step)
      guard !step.isEmpty else { return nil }
      return step.map { delivery in
        let made = RoutedEntry(delivery.entry, at: now)
        readings.append(made.reading)
        return made.item
      }
    }
    for (index, result) in results.enumerated() {
      report(result, of: readings[index], deliveries[index].entry.id)
    }
    return deliveries.map { _ in .settled }
  }

  private func report(_ result: RouteOnce.Result, of reading: RoutedEntry.Reading, _ id: String) {
    guard case .message(let message, let answer) = reading else {
      if case .unreadable(let reason) = reading, result == .deadLettered {
        logger.warning("DEAD LETTER \(id): \(reason)", metadata: fields(.deadLetter, nil, id))
      }
      return
    }
    let trace = message.traceID
    switch result {
    case .duplicate: logger.notice("\(LogLine.duplicateSkip(trace))", metadata: fields(.duplicateSkip, trace, id))
    case .conflict(_, let first):
      logger.notice("\(LogLine.duplicateSkip(trace))", metadata: fields(.duplicateSkip, trace, id))
      let difference = message.summary.difference(from: OrderSummary(text: first))
      logger.error("\(LogLine.conflict(trace, difference))", metadata: fields(.conflict, trace, id))
    case .passed: logger.notice("\(LogLine.hold(message))", metadata: fields(.hold, trace, id))
    case .settled:
      if let answer {
        logger.notice("\(LogLine.terminalState(answer, trace))", metadata: fields(.terminalState, trace, id))
      }
    case .published(let intent):
      logger.debug("routed trace_id=\(trace) as \(intent)", metadata: fields(.routed, trace, id))
    case .gone, .deadLettered:
      logger.notice(
        "decision \(id) was taken over while this process was paused", metadata: fields(.takenOver, trace, id))
    }
  }

  private func fields(_ event: LogLine.Event, _ trace: TraceID?, _ id: String) -> Logger.Metadata {
    LogLine.fields(event, trace, stream: id).mapValues { .string($0) }
  }
}

/// What the router makes of one entry, before anything is written.
private struct RoutedEntry {
  enum Reading {
    /// With the terminal state where one is given at once.
    case message(OrderMessage, answer: OrderResult?)
    case unreadable(reason: String)
  }

  let item: RouteOnce.Item
  let reading: Reading

  init(_ entry: Entry, at now: Timestamp) {
    do throws(MessageError) {
      guard entry.isText else { throw MessageError("the entry has a field that is not UTF-8") }
      let message = try OrderMessage(
        (entry.fields ?? []).map { ($0.name, $0.value) }, as: .decision, entry: entry.id)
      let answer = Self.answer(message, at: now)
      item = Self.item(message, answer, id: entry.id, at: now)
      reading = .message(message, answer: answer)
    } catch {
      item = .deadLetter(id: entry.id, reason: error.reason)
      reading = .unreadable(reason: error.reason)
    }
  }

  /// The terminal state of what execution need not see: nothing that is written to the intents could say it.
  private static func answer(_ message: OrderMessage, at now: Timestamp) -> OrderResult? {
    guard case .rejected(let intent, let reason) = message.content else { return nil }
    return .rejected(intent, reason: reason, clientOrderID: message.traceID.clientOrderID, at: now)
  }

  private static func item(
    _ message: OrderMessage, _ answer: OrderResult?, id: String, at now: Timestamp
  ) -> RouteOnce.Item {
    let trace = message.traceID
    func envelope(_ eventType: String, _ payload: String) -> [Field] {
      let envelope = Envelope(
        eventType: eventType, payload: payload, traceID: trace, correlationID: message.correlationID,
        timestamp: now.text, source: Router.source, isProbe: message.isProbe)
      return envelope.fields.map { Field($0.name, $0.value) }
    }
    let (key, digest) = (Names.Key.tradeIntent(trace), message.summary.text)
    switch message.content {
    case .order(let intent):
      let fields = envelope(Names.EventType.intent, intent.payload(source: Router.source))
      return .publish(id: id, key: key, digest: digest, fields: fields)
    case .rejected:
      let fields = answer.map { envelope(Names.EventType.result, $0.payload) } ?? []
      return .settle(
        id: id, key: key, digest: digest, state: Names.Key.orderState(trace),
        terminal: OrderResult.Status.rejected.rawValue, fields: fields)
    case .hold: return .pass(id: id, key: key, digest: digest)
    }
  }
}
