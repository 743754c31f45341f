internal import Redis

extension ConsumerRun {
  /// Deals with deliveries while the server reads the next entries, at most `limit` of them; nil: none are read.
  ///
  /// When it throws, or where new entries may not follow, those that were read ahead are pending and left to be read as
  /// own ones.
  func deal(
    with deliveries: [Delivery], readingAhead limit: Int?
  ) throws -> (ConsumerStateMachine.Handled, ahead: [Entry]) {
    let (group, name) = (consumer.configuration.group, consumer.configuration.name)
    guard let limit else { return (try deal(with: deliveries), []) }
    try group.readAhead(as: name, limit: limit, on: try open())
    let handled = try deal(with: deliveries)
    let ahead = try group.takeAhead(on: try open())
    if handled.allowsNew { return (handled, ahead) }
    try forgive(ahead.map(\.id))
    return (handled, [])
  }

  /// Gives deliveries to the handler and carries out its outcomes.
  ///
  /// What it throws is the connection's end, a stale epoch, or what Redis refused outside of the handler; everything else
  /// has its place in the result.
  func deal(with deliveries: [Delivery]) throws -> ConsumerStateMachine.Handled {
    let ids = deliveries.map(\.entry.id)
    let outcomes: [Outcome]
    do {
      outcomes = try handle(deliveries, try open())
      guard outcomes.count == deliveries.count else {
        throw ConsumerError.outcomes(expected: deliveries.count, got: outcomes.count)
      }
    } catch let error as RedisError {
      return try judge(error, of: ids, isLast: isLast(deliveries))
    } catch {
      return try fail(ids, error, answer: nil, isLast: isLast(deliveries))
    }
    let handled = try apply(outcomes, to: deliveries)
    if handled == .done { observe(.moving(entries: deliveries.count)) }
    return handled
  }

  /// Whether it is an entry that was delivered alone, for the last time.
  private func isLast(_ deliveries: [Delivery]) -> Bool {
    // trap: counted
    deliveries.count == 1 && deliveries[0].deliveries >= consumer.configuration.deliveries
  }

  /// Whose fault an error of Redis is: that of Redis, when it refuses or when a key that all entries share is of another
  /// type; presumably that of Redis, when it is the same error as before; else that of the entries.
  private func judge(
    _ error: RedisError, of ids: [String], isLast: Bool
  ) throws -> ConsumerStateMachine.Handled {
    if error.isStaleEpoch || error.isMissingGroup || error.endsConnection { throw error }
    let isWrongType = error.serverError?.code == "WRONGTYPE"
    let isSharedKey = try isWrongType && !wrongTypes().isEmpty
    if error.isCondition || isSharedKey {
      observe(.paused(reason: reason(for: error)))
      try forgive(ids)
      return .refused
    }
    // No shared key is of another type, so it is a key of the entry's own.
    if isWrongType { return try fail(ids, error, answer: nil, isLast: isLast) }
    let answer = Self.kind(of: error)
    guard machine.isRepeated(answer) else { return try fail(ids, error, answer: answer, isLast: isLast) }
    observe(.paused(reason: "several entries in a row failed with the same error, so none is to blame: \(error)"))
    try forgive(ids)
    return .repeated
  }

  /// The words of an error before what differs from entry to entry: names in quotes, numbers.
  private static func kind(of error: RedisError) -> String {
    String(error.description.prefix { !"'\"0123456789".contains($0) })
  }

  /// The handler threw. An entry that came alone for the last time goes to the dead letters with the very error.
  private func fail(
    _ ids: [String], _ error: any Error, answer: String?, isLast: Bool
  ) throws -> ConsumerStateMachine.Handled {
    observe(.handlerFailed(ids: ids, error: error))
    guard isLast, let id = ids.first else { return .failed(error: answer) }
    return try deadLetter([(id, "poison: failed \(consumer.configuration.deliveries) times, at last with: \(error)")])
  }

  private func apply(_ outcomes: [Outcome], to deliveries: [Delivery]) throws -> ConsumerStateMachine.Handled {
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
    try consumer.configuration.group.acknowledge(done, fence: fence, on: try open())
    let recorded = try deadLetter(dead)
    guard postponed.isEmpty else {
      try forgive(postponed)
      return .blocked
    }
    return recorded
  }

  /// Leaves entries pending without counting the delivery.
  private func forgive(_ ids: [String]) throws {
    try consumer.configuration.group.forgive(ids, as: consumer.configuration.name, fence: fence, on: try open())
  }

  /// Records dead letters. When Redis refuses that they stay pending: what cannot be recorded must not be lost.
  func deadLetter(
    _ entries: [(id: String, reason: String)], cut: Int? = nil
  ) throws -> ConsumerStateMachine.Handled {
    guard !entries.isEmpty else { return .done }
    do {
      try consumer.configuration.group.deadLetter(
        entries, cut: cut, deadLetters: consumer.configuration.deadLetters, fence: fence, on: try open())
    } catch {
      return try judge(error, of: entries.map(\.id), isLast: false)
    }
    for entry in entries { observe(.deadLettered(id: entry.id, reason: entry.reason)) }
    observe(.moving(entries: entries.count))
    return .done
  }
}
