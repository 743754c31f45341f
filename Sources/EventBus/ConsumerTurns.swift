internal import Redis

/// One run of a consumer's loop: carries out the actions of the state machine and tells it how they ended.
struct ConsumerTurns {
  let loop: ConsumerLoop
  let prepare: ConsumerLoop.Prepare
  let handle: ConsumerLoop.Handle
  let observe: ConsumerLoop.Observe
  private let start = ContinuousClock.now
  private var machine: Consumer
  var connection: Connection?
  var fence: Fence?
  private var hasJoined = false

  init(
    loop: ConsumerLoop, prepare: @escaping ConsumerLoop.Prepare, handle: @escaping ConsumerLoop.Handle,
    observe: @escaping ConsumerLoop.Observe
  ) {
    self.loop = loop
    self.prepare = prepare
    self.handle = handle
    self.observe = observe
    machine = Consumer(loop.configuration)
  }

  private var now: Duration { start.duration(to: .now) }

  mutating func run() throws {
    defer { connection?.close() }
    var action = machine.started()
    while true {
      observe(.turn)
      if loop.stop.isRaised { action = machine.stop(before: action) }
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

  private mutating func perform(_ action: Consumer.Action) throws -> Consumer.Action {
    let group = loop.configuration.group
    let name = loop.configuration.name
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
      _ = loop.stop.wait(for: time)
      return machine.waited(at: now)
    case .ensureGroup:
      if try group.ensure(on: try open()) { observe(.groupCreated) }
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
        as: name, limit: loop.configuration.batch, block: block, stop: loop.stop, on: try open())
      if entries.isEmpty { try group.touch(as: name, on: try open()) }
      return machine.newRead(entries, at: now)
    case .handle(let deliveries):
      return machine.handled(try deal(with: deliveries), at: now)
    case .bury(let delivery, let reason, let isAlarm):
      if isAlarm { observe(.trimmedWhilePending(id: delivery.entry.id)) }
      return machine.handled(try bury([(delivery.entry.id, reason)]), at: now)
    case .leave:
      return .leave
    }
  }

  private mutating func connect() throws {
    connection?.close()
    let connection = try Connection(to: loop.endpoint, options: loop.options)
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
    var options = loop.options
    (options.connectTimeout, options.timeout) = (.milliseconds(500), .milliseconds(500))
    guard let farewell = try? Connection(to: loop.endpoint, options: options) else { return }
    _ = try? loop.configuration.group.leave(as: loop.configuration.name, fence: fence, on: farewell)
    farewell.close()
  }

  private func claim() throws(RedisError) -> Int {
    let claimed = try loop.configuration.group.claim(
      as: loop.configuration.name, idle: loop.configuration.claimIdle, limit: loop.configuration.batch,
      deadLetters: loop.configuration.deadLetters, fence: fence, on: try open())
    for id in claimed.trimmed { observe(.trimmedWhilePending(id: id)) }
    if !claimed.ids.isEmpty { observe(.claimed(ids: claimed.ids)) }
    return claimed.ids.count
  }

  func open() throws(RedisError) -> Connection {
    guard let connection, connection.isOpen else { throw .closed }
    return connection
  }

  /// What a Redis error means for the loop, when it is not an entry's own.
  private mutating func recover(from error: RedisError) throws -> Consumer.Action {
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
