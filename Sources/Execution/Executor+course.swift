internal import EventBus
internal import Logging
internal import Redis
internal import Trading

extension Executor {
  /// One entry on its own.
  func execute(
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
    let course = try course(of: order, doubt, on: connection)
    return try follow(course, of: order, from: course.started(), made, on: connection)
  }

  /// How one order is decided on.
  func course(
    of order: OrderInHand, _ doubt: Doubt?, on connection: Connection
  ) throws(RedisError) -> OrderCourse {
    // A probe is refused in any case, and by what it is rather than by its age.
    if order.isProbe { return OrderCourse(order.summary, refusal: order.refusal) }
    let now = try timestamp(on: connection)
    return OrderCourse(
      order.summary, refusal: order.refusal,
      staleness: freshness.staleness(of: order.intent, entry: order.entryID, at: now), doubt: doubt ?? Doubt())
  }

  /// Does what a course decides, from one of its actions to its outcome.
  ///
  /// - Parameter made: The claim, where it was made with those of its batch.
  func follow(
    _ course: OrderCourse, of order: OrderInHand, from first: OrderCourse.Action, _ made: SettleOnce.Claim?,
    on connection: Connection
  ) throws(RedisError) -> Outcome {
    let exchange: any Exchange = order.isProbe ? ProbeExchange() : self.exchange
    var action = first
    while true {
      switch action {
      case .claim:
        let claim = if let made { made } else { try settling.claim(order.effectToClaim, on: connection) }
        action = course.claimed(claim)
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
        let settlement = try settling.settle(order.ending(result, state: order.stateKey), on: connection)
        guard let other = note(settlement, result, of: order, state: order.stateKey) else { return .settled }
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

  func timestamp(on connection: Connection) throws(RedisError) -> Timestamp {
    let now = try clock.now(on: connection)
    return Timestamp(seconds: now / 1000, nanoseconds: Int(now % 1000) * 1_000_000)
  }

  /// nil when it is settled now; else the terminal state that was there before.
  func note(
    _ settlement: SettleOnce.Settlement, _ result: OrderResult, of order: OrderInHand, state: String
  ) -> SettleOnce.State? {
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
    let settlement = try settling.settle(order.ending(result, state: state), on: connection)
    guard let other = note(settlement, result, of: order, state: state) else { return .settled }
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
