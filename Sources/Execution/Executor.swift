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
  ///   - waitsForDisk: Whether Redis must have written the claims of a batch to its disk before anything of it is sent
  ///     (WAITAOF).
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
    let doubts: [String: Doubt]
    switch begin(readings.compactMap(\.order), at: now) {
    case .success(let found): doubts = found
    case .failure(let reason):
      return deliveries.map { _ in .later(reason: reason.text) }
    }
    let claims: [String: SettleOnce.Claim]
    switch try claimOnDisk(readings.compactMap(\.order), doubts, on: connection) {
    case .success(let made): claims = made
    case .failure(let reason): return deliveries.map { _ in .later(reason: reason.text) }
    }
    for (delivery, reading) in zip(deliveries, readings) {
      if isStopping() { obstacle = obstacle ?? .later(reason: "stopping: left for the next start") }
      if let obstacle {
        outcomes.append(obstacle)
        continue
      }
      let outcome = try execute(reading, delivery.entry, doubts, claims, on: connection)
      if case .later = outcome { obstacle = outcome }
      outcomes.append(outcome)
    }
    return outcomes
  }

  private struct Obstacle: Error {
    let text: String
  }

  /// Writes a batch to the record before any of it is claimed, and returns what the exchange is to be asked about each
  /// order, by client order id.
  private func begin(_ orders: [OrderInHand], at now: Int64) -> Result<[String: Doubt], Obstacle> {
    guard let lossGuard else { return .success([:]) }
    if let reason = lossGuard.quiet(at: now) { return .failure(Obstacle(text: reason)) }
    let real = orders.filter { !$0.isProbe }
    do {
      let doubts = try lossGuard.cover(
        real.map { OrderToCover(id: $0.clientOrderID, made: $0.made, effect: $0.effect, action: $0.summary.action) },
        at: now)
      var found: [String: Doubt] = [:]
      var seen: Set<String> = []
      // The second of a trace in this batch is known to the record only because of the first.
      for (order, doubt) in zip(real, doubts) where seen.insert(order.clientOrderID).inserted {
        if doubt != Doubt() { found[order.clientOrderID] = doubt }
      }
      guard !exchange.isIdempotent else { return .success([:]) }
      exchange.expect(found.flatMap { Self.lookUps($0.key, $0.value) })
      return .success(found)
    } catch {
      return .failure(Obstacle(text: error.description))
    }
  }

  /// What is about to be asked. A twin alone is kept out by its claim, as a rule.
  private static func lookUps(_ id: String, _ doubt: Doubt) -> [(clientOrderID: String, sentBefore: Deadline)] {
    guard let own = doubt.own else { return [] }
    return [(id, own)] + (doubt.twins.map { twins in twins.ids.map { ($0, twins.sentBefore) } } ?? [])
  }

  private func execute(
    _ reading: Reading, _ entry: Entry, _ doubts: [String: Doubt],
    _ claims: [String: SettleOnce.Claim], on connection: Connection
  ) throws(RedisError) -> Outcome {
    switch reading {
    case .order(let order):
      return try execute(order, doubts[order.clientOrderID], claims[order.entryID], on: connection)
    case .hold(let message):
      let fields = LogLine.fields(.hold, message.traceID, stream: entry.id)
      logger.notice("\(LogLine.hold(message))", metadata: fields.mapValues { .string($0) })
      return .acknowledge
    // The loop logs dead letters.
    case .unreadable(let reason): return .deadLetter(reason: reason)
    }
  }

  private func execute(
    _ order: OrderInHand, _ doubt: Doubt?, _ made: SettleOnce.Claim?, on connection: Connection
  ) throws(RedisError) -> Outcome {
    let now = try timestamp(on: connection)
    let exchange: any Exchange = order.isProbe ? ProbeExchange() : self.exchange
    // A probe is refused in any case, and by what it is rather than by its age.
    let staleness = order.isProbe ? nil : freshness.staleness(of: order.intent, entry: order.entryID, at: now)
    let course = OrderCourse(
      order.summary, refusal: order.refusal, staleness: staleness, doubt: order.isProbe ? Doubt() : doubt ?? Doubt())
    var action = course.started()
    while true {
      switch action {
      case .claim:
        if let made { action = course.claimed(made) } else { action = course.claimed(try claim(order, on: connection)) }
      case .lookUp(let earlier, let holder):
        action = ask(course) { () throws(ExchangeError) in
          course.lookedUp(try exchange.lookUp(order.clientOrderID, sentBefore: earlier), twinOf: holder)
        }
      case .lookUpTwins(let twins):
        action = ask(course) { () throws(ExchangeError) in
          for id in twins.ids where try exchange.lookUp(id, sentBefore: twins.sentBefore) != nil {
            return course.lookedUpTwins(id)
          }
          return course.lookedUpTwins(nil)
        }
      case .reopen:
        action = course.reopened(until: try settling.reopen(order.stateKey, on: connection))
      case .submit(let deadline):
        // The claims of the batch are on the disk already.
        if made == nil, waitsForDisk, let reason = try unwritten(on: connection) { return .later(reason: reason) }
        lossGuard?.willSend(order.clientOrderID, before: deadline)
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

  private func claim(_ order: OrderInHand, on connection: Connection) throws(RedisError) -> SettleOnce.Claim {
    try settling.claim(
      order.claimKeys.own, alias: order.claimKeys.shared, lookalike: order.claimKeys.other, state: order.stateKey,
      owner: order.trace.text, order: order.summary.order, on: connection)
  }

  /// Where claims must be on Redis' disk before anything is sent, claims the batch and waits once, and returns the
  /// claims by entry; else none.
  ///
  /// The second of a trace is left out: it is to meet the end of the first. So is what the record has for another action.
  private func claimOnDisk(
    _ orders: [OrderInHand], _ doubts: [String: Doubt], on connection: Connection
  ) throws(RedisError) -> Result<[String: SettleOnce.Claim], Obstacle> {
    guard waitsForDisk, !isStopping() else { return .success([:]) }
    var claims: [String: SettleOnce.Claim] = [:]
    var seen: Set<String> = []
    for order in orders where seen.insert(order.trace.text).inserted {
      if let begun = doubts[order.clientOrderID]?.begunAs, begun != order.summary.action { continue }
      claims[order.entryID] = try claim(order, on: connection)
    }
    if !claims.isEmpty, let reason = try unwritten(on: connection) { return .failure(Obstacle(text: reason)) }
    return .success(claims)
  }

  /// Why what was written over this connection is not on Redis' disk yet; nil when it is.
  private func unwritten(on connection: Connection) throws(RedisError) -> String? {
    let timeout = Int64(connection.options.timeout / .milliseconds(2))
    let reply = try connection.send(["WAITAOF", "1", "0", String(timeout)])
    if case .error(let error) = reply { return "Redis does not wait for its append-only file: \(error.message)" }
    guard reply.array?.first?.integer ?? 0 < 1 else { return nil }
    return "Redis did not write its claims to its append-only file within \(timeout) ms; look at its disk"
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
      order.entryID, state: state, order: order.summary.order,
      terminal: result.status.rawValue, result: order.envelope(of: result), on: connection)
    switch settlement {
    case .settled(let id):
      lossGuard?.settled(id, stateKey: state)
      // A conflict has its own state: the order of its trace may still be under way.
      if state == order.stateKey {
        lossGuard?.ended(order.clientOrderID)
        if !result.orderID.isEmpty { exchange.forget(order.clientOrderID) }
      }
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
