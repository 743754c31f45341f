internal import Redis

/// One run of a consumer's loop: carries out the actions of the state machine and tells it how they ended.
struct ConsumerRun {
  let consumer: Consumer
  let prepare: Consumer.Prepare
  let handle: Consumer.Handle
  let observe: Consumer.Observe
  private let start = ContinuousClock.now
  private var machine: ConsumerStateMachine
  private var connection: Connection?
  private var fence: Fence?
  private var hasJoined = false

  init(
    of consumer: Consumer, prepare: @escaping Consumer.Prepare, handle: @escaping Consumer.Handle,
    observe: @escaping Consumer.Observe
  ) {
    self.consumer = consumer
    self.prepare = prepare
    self.handle = handle
    self.observe = observe
    machine = ConsumerStateMachine(consumer.configuration)
  }

  private var now: Duration { start.duration(to: .now) }

  mutating func run() throws {
    defer { connection?.close() }
    var action = machine.started()
    while true {
      observe(.turn)
      if consumer.stop.isRaised { action = machine.stop(before: action) }
      if action == .leave { break }
      do {
        action = try perform(action)
      } catch let error as RedisError {
        action = try recover(from: error)
      }
    }
    leave()
    observe(.stopped)
  }

  private mutating func perform(_ action: ConsumerStateMachine.Action) throws -> ConsumerStateMachine.Action {
    let group = consumer.configuration.group
    let name = consumer.configuration.name
    switch action {
    case .connect:
      do {
        try connect()
      } catch let standBy as StandBy {
        observe(.standingBy(standBy))
        return machine.stoodBy(at: now)
      }
      return machine.connected(at: now)
    case .wait(let time):
      _ = consumer.stop.wait(for: time)
      return machine.waited(at: now)
    case .ensureGroup:
      let start = consumer.configuration.start ?? GroupStart(.beginning, marker: nil)
      let outcome = try start.ensure(group, on: try open())
      if outcome != .present { observe(.groupCreated(outcome)) }
      try group.join(as: name, on: try open())
      return machine.groupEnsured()
    case .readOwn(let id):
      return machine.ownRead(try group.readOwn(as: name, after: id, on: try open()), at: now)
    case .announceReady:
      observe(.ready)
      return machine.announced(at: now)
    case .claim:
      return machine.claimed(try claim(), at: now)
    case .readNew(let block):
      let entries = try group.readNew(
        as: name, limit: consumer.configuration.batch, block: block, stop: consumer.stop, on: try open())
      if entries.isEmpty { try group.touch(as: name, on: try open()) }
      return machine.newRead(entries, at: now)
    case .handle(let deliveries):
      return machine.handled(try deal(with: deliveries), at: now)
    case .deadLetter(let delivery, let reason, let isAlarm):
      if isAlarm { observe(.trimmedWhilePending(id: delivery.entry.id)) }
      return machine.handled(try deadLetter([(delivery.entry.id, reason)]), at: now)
    case .leave:
      return .leave
    }
  }

  private mutating func connect() throws {
    connection?.close()
    let connection = try Connection(to: consumer.endpoint, options: consumer.options)
    self.connection = connection
    do {
      fence = try prepare(connection)
    } catch {
      // Nothing may be read over a connection that was not prepared, and without its fence.
      connection.close()
      throw error
    }
    observe(.connected)
    hasJoined = true
  }

  /// Takes the name back that nothing hangs on, so that nobody waits for a consumer that is gone. It is a courtesy: a
  /// Redis that does not answer at once is not waited for. The connection itself ended with the stop.
  private func leave() {
    guard hasJoined else { return }
    var options = consumer.options
    (options.connectTimeout, options.timeout) = (.milliseconds(500), .milliseconds(500))
    guard let farewell = try? Connection(to: consumer.endpoint, options: options) else { return }
    _ = try? consumer.configuration.group.leave(as: consumer.configuration.name, fence: fence, on: farewell)
    farewell.close()
  }

  private func claim() throws(RedisError) -> Int {
    let claimed = try consumer.configuration.group.claim(
      as: consumer.configuration.name, idle: consumer.configuration.claimIdle, limit: consumer.configuration.batch,
      deadLetters: consumer.configuration.deadLetters, fence: fence, on: try open())
    for id in claimed.trimmed { observe(.trimmedWhilePending(id: id)) }
    if !claimed.ids.isEmpty { observe(.claimed(ids: claimed.ids)) }
    return claimed.ids.count
  }

  private func open() throws(RedisError) -> Connection {
    guard let connection, connection.isOpen else { throw .closed }
    return connection
  }

  /// What a Redis error means for the loop, when it is not an entry's own.
  private mutating func recover(from error: RedisError) throws -> ConsumerStateMachine.Action {
    if error.isStaleEpoch { throw error }
    if error.endsConnection || connection?.isOpen != true {
      connection?.close()
      if error != .stopped { observe(.disconnected(error)) }
      return machine.disconnected(at: now)
    }
    observe(.paused(reason: error.description))
    return machine.refused(at: now)
  }
}

extension ConsumerRun {
  /// Gives deliveries to the handler and carries out its outcomes.
  ///
  /// What it throws is the connection's end or a stale epoch; everything else has its place in the result.
  private func deal(with deliveries: [Delivery]) throws -> ConsumerStateMachine.Handled {
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
  private func fail(_ deliveries: [Delivery], _ error: any Error) throws -> ConsumerStateMachine.Handled {
    observe(.handlerFailed(ids: deliveries.map(\.entry.id), error: error))
    guard deliveries.count == 1, deliveries[0].deliveries >= consumer.configuration.deliveries else { return .failed }
    let reason = "poison: failed \(deliveries[0].deliveries) times, at last with: \(error)"
    return try deadLetter([(deliveries[0].entry.id, reason)])
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
    guard postponed.isEmpty else { return try postpone(postponed) }
    return recorded
  }

  /// Leaves entries pending without counting the delivery.
  private func postpone(_ ids: [String]) throws -> ConsumerStateMachine.Handled {
    try consumer.configuration.group.forgive(ids, as: consumer.configuration.name, fence: fence, on: try open())
    return .blocked
  }

  /// Records dead letters. When the stream of dead letters refuses them, they stay pending: one that cannot be recorded
  /// must neither be lost nor keep the others from being handled.
  private func deadLetter(_ entries: [(id: String, reason: String)]) throws -> ConsumerStateMachine.Handled {
    guard !entries.isEmpty else { return .done }
    do {
      try consumer.configuration.group.deadLetter(
        entries, deadLetters: consumer.configuration.deadLetters, fence: fence, on: try open())
    } catch {
      if error.endsConnection || error.isCondition || error.isStaleEpoch || error.isMissingGroup { throw error }
      observe(.handlerFailed(ids: entries.map(\.id), error: error))
      return .failed
    }
    for entry in entries { observe(.deadLettered(id: entry.id, reason: entry.reason)) }
    return .done
  }
}
