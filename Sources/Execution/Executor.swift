package import EventBus
package import Logging
package import Redis
package import Trading

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
  private let isStopping: () -> Bool
  private let logger: Logger
  private let now: () -> Timestamp

  /// - Parameters:
  ///   - exchange: For everything but probes, which have their own.
  ///   - window: How long after its claim an order may reach the exchange.
  ///   - isStopping: Whether to leave what is not begun for the next start.
  package init(
    exchange: any Exchange, fence: Fence, freshness: Freshness, window: Duration = .seconds(2),
    isStopping: @escaping () -> Bool = { false },
    logger: Logger, now: @escaping () -> Timestamp = Timestamp.now
  ) {
    settling = SettleOnce(
      from: Self.group, to: Names.Stream.results, deadLetters: Names.Stream.deadLetters, fence: fence,
      window: window, claimLifetime: Names.memory)
    self.exchange = exchange
    self.freshness = freshness
    self.isStopping = isStopping
    self.logger = logger
    self.now = now
  }

  /// Works through intents in order. When one has to wait, those behind it wait too.
  package func execute(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
    var outcomes: [Outcome] = []
    var obstacle: Outcome?
    for delivery in deliveries {
      if isStopping() { obstacle = obstacle ?? .later(reason: "stopping: left for the next start") }
      if let obstacle {
        outcomes.append(obstacle)
        continue
      }
      let outcome = try execute(delivery.entry, on: connection)
      if case .later = outcome { obstacle = outcome }
      outcomes.append(outcome)
    }
    return outcomes
  }

  private func execute(_ entry: Entry, on connection: Connection) throws(RedisError) -> Outcome {
    let message: OrderMessage
    do throws(MessageError) {
      guard entry.isText else { throw MessageError("the entry has a field that is not UTF-8") }
      message = try OrderMessage((entry.fields ?? []).map { ($0.name, $0.value) }, as: .intent, entry: entry.id)
    } catch {
      // The loop logs dead letters.
      return .deadLetter(reason: error.reason)
    }
    guard let order = OrderInHand(message, entry: entry.id) else {
      logger.notice(
        "\(LogLine.hold(message))",
        metadata: LogLine.fields(.hold, message.traceID, stream: entry.id).mapValues { .string($0) })
      return .acknowledge
    }
    return try carryOut(order, on: connection)
  }

  private func carryOut(_ order: OrderInHand, on connection: Connection) throws(RedisError) -> Outcome {
    let exchange: any Exchange = order.isProbe ? ProbeExchange() : self.exchange
    // A probe is refused in any case, and by what it is rather than by its age.
    let stale = order.isProbe ? nil : freshness.staleness(of: order.intent, entry: order.entryID, at: now())
    let course = OrderCourse(
      order.summary, rejection: order.rejection,
      staleness: stale.map { ($0.reason, $0.lastDeadline(window: settling.window)) })
    var action = course.started()
    while true {
      switch action {
      case .claim:
        let claim = try settling.claim(
          order.claimKeys.own, alias: order.claimKeys.shared, lookalike: order.claimKeys.other, state: order.stateKey,
          owner: order.trace.text, order: order.summary.text, on: connection)
        action = course.claimed(claim)
      case .lookUp(let earlier):
        action = ask(course) { () throws(ExchangeError) in
          course.lookedUp(try exchange.lookUp(order.clientOrderID, sentBefore: earlier))
        }
      case .reopen:
        action = course.reopened(until: try settling.reopen(order.stateKey, on: connection))
      case .submit(let deadline):
        action = ask(course) { () throws(ExchangeError) in
          course.submitted(try exchange.submit(order.intent, as: order.clientOrderID, before: deadline))
        }
      case .settle(let verdict):
        guard let result = order.result(verdict, at: now()) else {
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

  /// nil when it is settled now; else the terminal state that was there before.
  private func settle(
    _ order: OrderInHand, _ result: OrderResult, state: String, on connection: Connection
  ) throws(RedisError) -> SettleOnce.State? {
    let settlement = try settling.settle(
      order.entryID, state: state, owner: order.trace.text, order: order.summary.text,
      terminal: result.status.rawValue, result: order.envelope(of: result), on: connection)
    switch settlement {
    case .settled:
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
      at: now())
    let state = Names.Key.conflictState(order.trace, order.summary.action)
    guard let other = try settle(order, result, state: state, on: connection) else { return .settled }
    return skip(order, other.order.map { OrderSummary(text: $0) })
  }

  /// A repetition, and what differs in it from the first.
  private func skip(_ order: OrderInHand, _ first: OrderSummary?) -> Outcome {
    logger.notice("\(LogLine.duplicateSkip(order.trace))", metadata: fields(.duplicateSkip, of: order))
    guard let first, first != order.summary else { return .acknowledge }
    let difference = order.summary.difference(from: first)
    logger.error("\(LogLine.conflict(order.trace, difference))", metadata: fields(.conflict, of: order))
    return .deadLetter(reason: "conflict: \(difference)")
  }

  private func fields(_ event: LogLine.Event, of order: OrderInHand) -> Logger.Metadata {
    LogLine.fields(event, order.trace, stream: order.entryID).mapValues { .string($0) }
  }
}
