internal import Redis

/// One run of a consumer's loop: carries out the actions of the state machine and tells it how they ended.
struct ConsumerRun {
  let consumer: Consumer
  let prepare: Consumer.Prepare
  let handle: Consumer.Handle
  let observe: Consumer.Observe
  private let start = ContinuousClock.now
  private(set) var machine: ConsumerStateMachine
  private var connection: Connection?
  private(set) var fence: Fence?
  private var hasJoined = false
  private let requirements: Requirements
  /// How many entries were said to have been removed unread.
  private var lossTold = 0

  /// What is kept of each value of an entry that was never handed over, since it is too large or ended its process.
  static let cut = 64 << 10

  init(
    of consumer: Consumer, prepare: @escaping Consumer.Prepare, handle: @escaping Consumer.Handle,
    observe: @escaping Consumer.Observe
  ) {
    self.consumer = consumer
    self.prepare = prepare
    self.handle = handle
    self.observe = observe
    let configuration = consumer.configuration
    requirements = configuration.requirements.merging(.ofConsumers(of: configuration))
    machine = ConsumerStateMachine(configuration)
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
    let configuration = consumer.configuration
    let (group, name) = (configuration.group, configuration.name)
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
    case .check:
      let unmet = try requirements.unmet(by: group, as: name, on: try open())
      guard unmet.isEmpty else {
        observe(.paused(reason: unmet.joined(separator: "; ")))
        return machine.refused(at: now)
      }
      try lookForLoss()
      return machine.checked()
    case .readOwn(let id):
      let read = try group.readOwn(
        as: name, after: id, mostBytes: configuration.entryBytes, mostDeliveries: configuration.deliveries,
        deadLetters: configuration.deadLetters, fence: fence, on: try open())
      report(trimmed: read.trimmed)
      return machine.ownRead(read.next, at: now)
    case .announceReady:
      observe(.ready)
      return machine.announced(at: now)
    case .claim:
      try lookForLoss()
      return machine.claimed(try claim(), at: now)
    case .readNew(let limit, let block):
      let entries = try group.readNew(as: name, limit: limit, block: block, stop: consumer.stop, on: try open())
      if entries.isEmpty {
        try group.touch(as: name, on: try open())
        observe(.moving(entries: 0))
      }
      return machine.newRead(entries, at: now)
    case .handle(let deliveries, let limit):
      let (handled, ahead) = try deal(with: deliveries, readingAhead: limit)
      return machine.handled(handled, ahead: ahead, at: now)
    case .deadLetter(let id, let reason):
      return machine.handled(try deadLetter([(id, reason)], cut: Self.cut), at: now)
    case .leave:
      return .leave
    }
  }

  private mutating func connect() throws {
    connection?.close()
    var options = consumer.options
    options.maxReplyBytes = min(options.maxReplyBytes, mostReplyBytes)
    let connection = try Connection(to: consumer.endpoint, options: options)
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

  /// Deletes the consumer where it has nothing pending, so that nobody waits for one that is gone. Best effort: a
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
      as: consumer.configuration.name, idle: consumer.configuration.claimIdle,
      limit: max(consumer.configuration.batch, ConsumerStateMachine.claimLimit),
      deadLetters: consumer.configuration.deadLetters, fence: fence, on: try open())
    report(trimmed: claimed.trimmed)
    if !claimed.ids.isEmpty { observe(.claimed(ids: claimed.ids)) }
    return claimed.ids.count + claimed.trimmed.count
  }

  private func report(trimmed ids: [String]) {
    if !ids.isEmpty { observe(.trimmedWhilePending(ids: ids)) }
  }

  /// Says once how many entries were removed before anybody had read them: neither a dead letter nor a reading tells it.
  private mutating func lookForLoss() throws(RedisError) {
    let count = try consumer.configuration.group.removedUnread(on: try open())
    if count > lossTold { observe(.trimmedUnread(count: count)) }
    lossTold = max(count, lossTold)
  }

  func open() throws(RedisError) -> Connection {
    guard let connection, connection.isOpen else { throw .closed }
    return connection
  }

  /// The greatest answer that is taken: an entry as large as one may be, or a batch that grew much larger than the one
  /// before it, and what an answer has around it.
  private var mostReplyBytes: Int {
    let configuration = consumer.configuration
    return 2 * max(configuration.entryBytes, configuration.batchBytes) + (1 << 20)
  }

  /// What a Redis error means for the loop, when it is not an entry's own.
  private mutating func recover(from error: RedisError) throws -> ConsumerStateMachine.Action {
    if error.isStaleEpoch { throw error }
    if case .replyTooLarge = error {
      observe(.paused(reason: error.description))
      return machine.readTooMuch()
    }
    if error.endsConnection || connection?.isOpen != true {
      connection?.close()
      if error != .stopped { observe(.disconnected(error)) }
      // A refusal while connecting, such as LOADING, says more than that there is no connection.
      if error.isCondition { observe(.paused(reason: error.description)) }
      return machine.disconnected(at: now)
    }
    observe(.paused(reason: reason(for: error)))
    return machine.refused(at: now)
  }

  /// The error in words, with the key's name where a shared key is of another type, which Redis does not tell.
  func reason(for error: RedisError) -> String {
    guard error.serverError?.code == "WRONGTYPE", let wrong = try? wrongTypes(), !wrong.isEmpty else {
      return error.description
    }
    return wrong.joined(separator: "; ")
  }

  func wrongTypes() throws(RedisError) -> [String] {
    try requirements.wrongTypes(on: try open(), besides: consumer.configuration.group.stream)
  }
}
