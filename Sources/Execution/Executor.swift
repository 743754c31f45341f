public import EventBus
public import Logging
public import Redis
internal import Trading

/// Turns intents into orders, each trace at most once, and each into one terminal state.
public struct Executor {
  /// The program's name, which its results carry as their source.
  public static let source = "quantum-execution"

  /// Execution's group on the stream of intents.
  public static let group = Group(Names.Group.execution, of: Names.Stream.intents)

  /// The epoch under which it settles.
  public var fence: Fence { settling.fence }

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
  public init(
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
  public func execute(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
    let now = try clock.now(on: connection)
    var outcomes: [Outcome] = []
    var obstacle: Outcome?
    let orders = deliveries.map { delivery in Result { () throws(MessageError) in try OrderInHand(delivery.entry) } }
    let doubts: [String: Deadline]
    switch begin(orders.compactMap { try? $0.get() }, at: now) {
    case .success(let found): doubts = found
    case .failure(let reason):
      return deliveries.map { _ in .later(reason: reason.text) }
    }
    for (delivery, order) in zip(deliveries, orders) {
      if isStopping() { obstacle = obstacle ?? .later(reason: "stopping: left for the next start") }
      if let obstacle {
        outcomes.append(obstacle)
        continue
      }
      let outcome = try execute(order, delivery.entry, doubts, on: connection)
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
      for (order, doubt) in zip(real, doubts) {
        if case .ask(let deadline) = doubt { found[order.clientOrderID] = deadline }
      }
      return .success(exchange.isIdempotent ? [:] : found)
    } catch {
      return .failure(Obstacle(text: error.description))
    }
  }

  private func execute(
    _ read: Result<OrderInHand, MessageError>, _ entry: Entry, _ doubts: [String: Deadline], on connection: Connection
  ) throws(RedisError) -> Outcome {
    let order: OrderInHand
    switch read {
    case .success(let read): order = read
    // The loop logs dead letters.
    case .failure(let error): return .deadLetter(reason: error.reason)
    }
    let now = try timestamp(on: connection)
    let exchange: any Exchange = order.isProbe ? ProbeExchange() : self.exchange
    // A probe is refused in any case, and by what it is rather than by its age.
    let staleness = order.isProbe ? nil : freshness.staleness(of: order.intent, entry: entry.id, at: now)
    let course = OrderCourse(
      owner: order.trace.text, staleness: staleness, doubt: order.isProbe ? nil : doubts[order.clientOrderID])
    var action = course.started()
    while true {
      switch action {
      case .claim:
        let claim = try settling.claim(
          order.claimKey, state: order.stateKey, owner: order.trace.text, on: connection)
        action = course.claimed(claim)
      case .lookUp(let earlier):
        action = ask(course) { () throws(ExchangeError) in
          course.lookedUp(try exchange.lookUp(order.clientOrderID, sentBefore: earlier))
        }
      case .reopen:
        action = course.reopened(until: try settling.reopen(order.stateKey, on: connection))
      case .submit(let deadline):
        if let reason = try unwritten(on: connection) { return .later(reason: reason) }
        action = ask(course) { () throws(ExchangeError) in
          course.submitted(try exchange.submit(order.intent, as: order.clientOrderID, before: deadline))
        }
      case .settle(let verdict):
        return try settle(order, verdict, on: connection)
      case .skip(let owner):
        report(skipped: order, owner: owner)
        return .acknowledge
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

  private func settle(
    _ order: OrderInHand, _ verdict: OrderCourse.Verdict, on connection: Connection
  ) throws(RedisError) -> Outcome {
    guard let result = order.result(verdict, at: try timestamp(on: connection)) else {
      return .later(reason: "the exchange told a fill that cannot be: \(verdict)")
    }
    let settlement = try settling.settle(
      order.entryID, state: order.stateKey, owner: order.trace.text, terminal: result.status.rawValue,
      result: order.envelope(of: result), on: connection)
    switch settlement {
    case .settled(let id):
      lossGuard?.settled(id, stateKey: order.stateKey)
      report(result, of: order)
    case .already: report(skipped: order, owner: order.trace.text)
    }
    return .settled
  }
}

extension Executor {
  private func report(_ result: OrderResult, of order: OrderInHand) {
    logger.notice("\(LogLine.terminalState(result, order.trace))", metadata: fields(.terminalState, of: order))
  }

  private func report(skipped order: OrderInHand, owner: String) {
    var metadata = fields(.duplicateSkip, of: order)
    metadata["OWNER_TRACE_ID"] = "\(owner)"
    logger.notice("\(LogLine.duplicateSkip(order.trace))", metadata: metadata)
  }

  private func fields(_ event: LogLine.Event, of order: OrderInHand) -> Logger.Metadata {
    LogLine.fields(event, order.trace, stream: order.entryID).mapValues { .string($0) }
  }
}
