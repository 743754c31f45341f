internal import Redis

extension ConsumerTurns {
  /// Gives deliveries to the handler and carries out its outcomes.
  ///
  /// What it throws is the connection's end or a stale epoch; everything else has its place in the result.
  func deal(with deliveries: [Delivery]) throws -> Consumer.Handled {
    let outcomes: [Outcome]
    do {
      outcomes = try handle(deliveries, try open())
      guard outcomes.count == deliveries.count else {
        throw ConsumerError.outcomes(expected: deliveries.count, got: outcomes.count)
      }
    } catch let error as RedisError where error.isCondition || error.isStaleEpoch || error.isMissingGroup {
      if error.isStaleEpoch || error.isMissingGroup || error.endsConnection { throw error }
      observe(.paused(reason: error.description))
      return try postpone(deliveries.map(\.entry.id))
    } catch {
      return try fail(deliveries, error)
    }
    return try apply(outcomes, to: deliveries)
  }

  /// The handler threw. An entry that came alone for the last time goes to the dead letters with the very error.
  private func fail(_ deliveries: [Delivery], _ error: any Error) throws -> Consumer.Handled {
    observe(.handlerFailed(ids: deliveries.map(\.entry.id), error: error))
    guard deliveries.count == 1, deliveries[0].deliveries >= loop.configuration.deliveries else { return .failed }
    let reason = "poison: failed \(deliveries[0].deliveries) times, at last with: \(error)"
    return try bury([(deliveries[0].entry.id, reason)])
  }

  private func apply(_ outcomes: [Outcome], to deliveries: [Delivery]) throws -> Consumer.Handled {
    var done: [String] = []
    var dead: [(id: String, reason: String)] = []
    var postponed: [String] = []
    for (outcome, delivery) in zip(outcomes, deliveries) {
      switch outcome {
      case .settled: break
      case .acknowledge: done.append(delivery.entry.id)
      case .deadLetter(let reason): dead.append((delivery.entry.id, reason))
      case .later(let reason):
        if postponed.isEmpty { observe(.paused(reason: reason)) }
        postponed.append(delivery.entry.id)
      }
    }
    try loop.configuration.group.acknowledge(done, fence: fence, on: try open())
    let buried = try bury(dead)
    guard postponed.isEmpty else { return try postpone(postponed) }
    return buried
  }

  /// Leaves entries pending without counting the delivery.
  private func postpone(_ ids: [String]) throws -> Consumer.Handled {
    try loop.configuration.group.forgive(ids, as: loop.configuration.name, fence: fence, on: try open())
    return .blocked
  }

  /// Records dead letters. When the stream of dead letters refuses them, they stay pending: one that cannot be recorded
  /// must neither be lost nor keep the others from being handled.
  func bury(_ entries: [(id: String, reason: String)]) throws -> Consumer.Handled {
    guard !entries.isEmpty else { return .done }
    do {
      try loop.configuration.group.bury(
        entries, deadLetters: loop.configuration.deadLetters, fence: fence, on: try open())
    } catch {
      if error.endsConnection || error.isCondition || error.isStaleEpoch || error.isMissingGroup { throw error }
      observe(.handlerFailed(ids: entries.map(\.id), error: error))
      return .failed
    }
    for entry in entries { observe(.deadLettered(id: entry.id, reason: entry.reason)) }
    return .done
  }
}
