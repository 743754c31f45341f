internal import EventBus
internal import Redis
internal import Trading

extension Executor {
  /// The order, when nothing is left to do but to send it; else nil.
  ///
  /// - Parameter claims: Those that were made for the batch.
  func orderToSend(
    _ reading: Reading, _ doubts: [String: Doubt], _ claims: [String: SettleOnce.Claim], on connection: Connection
  ) throws(RedisError) -> OrderToSend? {
    guard exchange.takesBatches, let order = reading.order, !order.isProbe, let claim = claims[order.entryID] else {
      return nil
    }
    let course = try course(of: order, doubts[order.clientOrderID], on: connection)
    guard case .submit(let deadline) = course.claimed(claim) else { return nil }
    return OrderToSend(order: order, course: course, deadline: deadline)
  }

  /// Sends orders together and settles together what became of them. Whatever the exchange says of one, the others that
  /// it made are settled.
  func send(_ orders: [OrderToSend], on connection: Connection) throws(RedisError) -> [Outcome] {
    for each in orders { lossGuard?.willSend(each.order.clientOrderID, before: each.deadline) }
    let answers = exchange.submit(
      orders.map { OrderToMake($0.order.intent, as: $0.order.clientOrderID, before: $0.deadline) })
    let failure = answers.last { if case .failure = $0 { true } else { false } }
    // Of those behind the one that failed nothing is known either.
    let actions = orders.enumerated().map { $1.action(after: answers.dropFirst($0).first ?? failure) }
    let settlements = try settle(Array(zip(orders.map(\.order), actions)), on: connection)
    var outcomes: [Outcome] = []
    for (each, action) in zip(orders, actions) {
      switch settlements[each.order.entryID] {
      case .settled: outcomes.append(.settled)
      case .already(let state):
        let next = each.course.met(state.order)
        outcomes.append(try follow(each.course, of: each.order, from: next, nil, on: connection))
      case nil: outcomes.append(try follow(each.course, of: each.order, from: action, nil, on: connection))
      }
    }
    return outcomes
  }

  /// Settles those of the orders that have come to their end, and returns what came of it by entry. An error of one is
  /// thrown when all others are settled.
  private func settle(
    _ orders: [(OrderInHand, OrderCourse.Action)], on connection: Connection
  ) throws(RedisError) -> [String: SettleOnce.Settlement] {
    let now = try timestamp(on: connection)
    let ends: [(order: OrderInHand, result: OrderResult)] = orders.compactMap { order, action in
      guard case .settle(let verdict) = action else { return nil }
      return order.result(verdict, at: now).map { (order, $0) }
    }
    let settlements = try settling.settle(
      ends.map { $0.order.ending($0.result, state: $0.order.stateKey) }, on: connection)
    var settled: [String: SettleOnce.Settlement] = [:]
    var refused: RedisError?
    for (end, settlement) in zip(ends, settlements) {
      switch settlement {
      case .success(let made):
        _ = note(made, end.result, of: end.order, state: end.order.stateKey)
        settled[end.order.entryID] = made
      case .failure(let error): refused = refused ?? error
      }
    }
    if let refused { throw refused }
    return settled
  }
}

/// An order that is claimed and only has to be sent.
struct OrderToSend {
  let order: OrderInHand
  let course: OrderCourse
  /// Until when it may be made.
  let deadline: Deadline

  /// What is next after the exchange's answer; nil: it gave none.
  func action(after answer: Result<ExchangeOrder, ExchangeError>?) -> OrderCourse.Action {
    switch answer {
    case .success(let made): course.submitted(made)
    case .failure(let error): course.unanswered(error)
    case nil: course.unanswered(ExchangeError("it said nothing of '\(order.clientOrderID)'"))
    }
  }
}
