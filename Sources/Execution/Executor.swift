package import EventBus
package import Logging
package import Redis
internal import Trading

/// Turns intents into orders, each trace at most once, and each into one terminal state.
package struct Executor {
  /// The program's name, which its results carry as their source.
  package static let source = "quantum-execution"

  /// Execution's group on the stream of intents.
  package static let group = Group(Names.Group.execution, of: Names.Stream.intents)

  /// The epoch under which it settles.
  package var fence: Fence { settling.fence }

  private let settling: SettleOnce
  private let exchange: any Exchange
  private let freshness: Freshness
  private let lossGuard: DataLossGuard?
  private let clock: ServerClock
  private let waitsForDisk: Bool
  private let isStopping: () -> Bool
  private let logger: Logger

  /// - Parameters:
  ///   - exchange: For everything but probes, which have their own.
  ///   - window: How long after its claim an order may reach the exchange.
  ///   - lossGuard: Knows what was begun before; nil trusts Redis alone.
  ///   - waitsForDisk: Whether Redis must have written a claim to its disk before the order is sent (WAITAOF).
  ///   - isStopping: Whether to leave what is not begun for the next start.
  package init(
    exchange: any Exchange, fence: Fence, freshness: Freshness, window: Duration = .seconds(2),
    lossGuard: DataLossGuard? = nil, waitsForDisk: Bool = false,
    isStopping: @escaping () -> Bool = { false }, logger: Logger
  ) {
    settling = SettleOnce(
      from: Self.group, to: Names.Stream.results, deadLetters: Names.Stream.deadLetters, fence: fence,
      window: window, claimLifetime: Names.memory)
    self.exchange = exchange
    self.freshness = freshness
    self.lossGuard = lossGuard
    clock = lossGuard?.clock ?? ServerClock()
    self.waitsForDisk = waitsForDisk
    self.isStopping = isStopping
    self.logger = logger
  }

  /// Works through intents in order. When one has to wait, those behind it wait too.
  package func execute(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
    let now = try clock.now(on: connection)
    var outcomes: [Outcome] = []
    var obstacle: Outcome?
    let readings = deliveries.map { Reading($0.entry) }
    let doubts: [String: Deadline]
    switch begin(readings.compactMap(\.order), at: now) {
    case .success(let found): doubts = found
    case .failure(let reason):
      return deliveries.map { _ in .later(reason: reason.text) }
    }
    for (delivery, reading) in zip(deliveries, readings) {
      if isStopping() { obstacle = obstacle ?? .later(reason: "stopping: left for the next start") }
      if let obstacle {
        outcomes.append(obstacle)
        continue
      }
      let outcome = try execute(reading, delivery.entry, doubts, on: connection)
      if case .later = outcome { obstacle = outcome }
      outcomes.append(outcome)
    }
    return outcomes
  }

  private struct Obstacle: Error {
    let text: String
  }

  /// Writes a batch to the record before any of it is claimed, and returns until when each order in doubt may have been
  /// sent, by client order id.
  private func begin(_ orders: [OrderInHand], at now: Int64) -> Result<[String: Deadline], Obstacle> {
    guard let lossGuard else { return .success([:]) }
    if let reason = lossGuard.quiet(at: now) { return .failure(Obstacle(text: reason)) }
    let real = orders.filter { !$0.isProbe }
    do {
      let doubts = try lossGuard.cover(real.map { ($0.clientOrderID, $0.made) }, at: now)
      var found: [String: Deadline] = [:]
      var seen: Set<String> = []
      // The second of a trace in this batch is known to the record only because of the first.
      for (order, doubt) in zip(real, doubts) where seen.insert(order.clientOrderID).inserted {
        if case .ask(let deadline) = doubt { found[order.clientOrderID] = deadline }
      }
      guard !exchange.isIdempotent else { return .success([:]) }
      // One alone gains nothing by it, and keeps what was found of it before.
      if found.count > 1 { exchange.expect(found.map { ($0.key, $0.value) }) }
      return .success(found)
    } catch {
      return .failure(Obstacle(text: error.description))
    }
  }

  /// What an entry says.
  private enum Reading {
    case order(OrderInHand)
    case hold(OrderMessage)
    case unreadable(reason: String)

    init(_ entry: Entry) {
      do throws(MessageError) {
        guard entry.isText else { throw MessageError("the entry has a field that is not UTF-8") }
        let message = try OrderMessage(
          (entry.fields ?? []).map { ($0.name, $0.value) }, as: .intent, entry: entry.id)
        self = OrderInHand(message, entry: entry.id).map { .order($0) } ?? .hold(message)
      } catch {
        self = .unreadable(reason: error.reason)
      }
    }

    var order: OrderInHand? {
      if case .order(let order) = self { order } else { nil }
    }
  }

  private func execute(
    _ reading: Reading, _ entry: Entry, _ doubts: [String: Deadline], on connection: Connection
  ) throws(RedisError) -> Outcome {
    switch reading {
    case .order(let order): return try execute(order, doubts[order.clientOrderID], on: connection)
    case .hold(let message):
      let fields = LogLine.fields(.hold, message.traceID, stream: entry.id)
      logger.notice("\(LogLine.hold(message))", metadata: fields.mapValues { .string($0) })
      return .acknowledge
    // The loop logs dead letters.
    case .unreadable(let reason): return .deadLetter(reason: reason)
    }
  }

  private func execute(
    _ order: OrderInHand, _ doubt: Deadline?, on connection: Connection
  ) throws(RedisError) -> Outcome {
    let now = try timestamp(on: connection)
    let exchange: any Exchange = order.isProbe ? ProbeExchange() : self.exchange
    // A probe is refused in any case, and by what it is rather than by its age.
    let staleness = order.isProbe ? nil : freshness.staleness(of: order.intent, entry: order.entryID, at: now)
    let course = OrderCourse(
      order.summary, refusal: order.refusal, staleness: staleness, doubt: order.isProbe ? nil : doubt)
    var action = course.started()
    while true {
      switch action {
      case .claim:
        let claim = try settling.claim(
          order.claimKeys.own, alias: order.claimKeys.shared, lookalike: order.claimKeys.other, state: order.stateKey,
          owner: order.trace.text, order: order.summary.order, on: connection)
        action = course.claimed(claim)
      case .lookUp(let earlier):
        action = ask(course) { () throws(ExchangeError) in
          course.lookedUp(try exchange.lookUp(order.clientOrderID, sentBefore: earlier))
        }
      case .reopen:
        action = course.reopened(until: try settling.reopen(order.stateKey, on: connection))
      case .submit(let deadline):
        if let reason = try unwritten(on: connection) { return .later(reason: reason) }
        lossGuard?.willSend(before: deadline)
        action = ask(course) { () throws(ExchangeError) in
          course.submitted(try exchange.submit(order.intent, as: order.clientOrderID, before: deadline))
        }
      case .settle(let verdict):
        guard let result = order.result(verdict, at: try timestamp(on: connection)) else {
          return .later(reason: "the exchange told a fill that cannot be: \(verdict)")
        }
        guard let other = try settle(order, result, state: order.stateKey, on: connection) else { return .settled }
        action = course.met(other.order)
      case .refuse(let first): return try refuse(order, first, on: connection)
      case .skip(let first): return skip(order, first)
      case .wait(let reason):
        return .later(reason: reason)
      }
    }
  }

  private func ask(
    _ course: OrderCourse, _ question: () throws(ExchangeError) -> OrderCourse.Action
  ) -> OrderCourse.Action {
    do {
      return try question()
    } catch {
      return course.unanswered(error)
    }
  }

  /// Why the claim is not on Redis' disk yet; nil when it is, or need not be.
  private func unwritten(on connection: Connection) throws(RedisError) -> String? {
    guard waitsForDisk else { return nil }
    let timeout = Int64(connection.options.timeout / .milliseconds(2))
    let reply = try connection.send(["WAITAOF", "1", "0", String(timeout)])
    if case .error(let error) = reply { return "Redis does not wait for its append-only file: \(error.message)" }
    guard reply.array?.first?.integer ?? 0 < 1 else { return nil }
    return "Redis did not write the claim to its append-only file within \(timeout) ms; look at its disk"
  }

  private func timestamp(on connection: Connection) throws(RedisError) -> Timestamp {
    let now = try clock.now(on: connection)
    return Timestamp(seconds: now / 1000, nanoseconds: Int(now % 1000) * 1_000_000)
  }

  /// nil when it is settled now; else the terminal state that was there before.
  private func settle(
    _ order: OrderInHand, _ result: OrderResult, state: String, on connection: Connection
  ) throws(RedisError) -> SettleOnce.State? {
    let settlement = try settling.settle(
      order.entryID, state: state, owner: order.trace.text, order: order.summary.order,
      terminal: result.status.rawValue, result: order.envelope(of: result), on: connection)
    switch settlement {
    case .settled(let id):
      lossGuard?.settled(id, stateKey: state)
      logger.notice("\(LogLine.terminalState(result, order.trace))", metadata: fields(.terminalState, of: order))
      return nil
    case .already(let other): return other
    }
  }

  /// Refuses what was asked for under a trace that had been used for another action. It has a state of its own, so that
  /// it is told once.
  private func refuse(
    _ order: OrderInHand, _ first: OrderSummary, on connection: Connection
  ) throws(RedisError) -> Outcome {
    let result = OrderResult.rejected(
      order.intent, reason: "conflict: \(order.trace) was \(first.action)", clientOrderID: order.clientOrderID,
      at: try timestamp(on: connection))
    let state = Names.Key.conflictState(order.trace, order.summary.action)
    guard let other = try settle(order, result, state: state, on: connection) else { return .settled }
    return skip(order, other.order.map { OrderSummary(text: $0) })
  }

  /// A repetition, and what differs in it from the first.
  private func skip(_ order: OrderInHand, _ first: OrderSummary?) -> Outcome {
    logger.notice("\(LogLine.duplicateSkip(order.trace))", metadata: fields(.duplicateSkip, of: order))
    let difference = first.map { order.summary.difference(from: $0) } ?? ""
    guard !difference.isEmpty else { return .acknowledge }
    logger.error("\(LogLine.conflict(order.trace, difference))", metadata: fields(.conflict, of: order))
    return .deadLetter(reason: "conflict: \(difference)")
  }

  private func fields(_ event: LogLine.Event, of order: OrderInHand) -> Logger.Metadata {
    LogLine.fields(event, order.trace, stream: order.entryID).mapValues { .string($0) }
  }
}
