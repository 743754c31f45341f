package import EventBus
package import Logging
package import Redis
internal import Trading

/// Keeps a Redis that lost writes from making orders twice.
///
/// What execution has begun is in a record on its own disk, and so is what the Redis showed that it talked to. When Redis
/// shows less, or when there is no record, the exchange is asked before anything is sent (`cover`). For one thread.
package final class DataLossGuard {
  package struct Configuration: Sendable {
    /// The service's state directory.
    package var folder: String
    /// How long after its claim an order may reach the exchange.
    package var window: Duration
    /// How long orders stay in the record.
    package var retention: Duration
    /// How long a process must be silent before another one may take over.
    package var claimIdle: Duration

    /// - Parameter intentAge: The greatest age of an intent; the record keeps the longer of that and a day.
    package init(folder: String, window: Duration, intentAge: Duration, claimIdle: Duration) {
      self.folder = folder
      self.window = window
      retention = max(intentAge, .seconds(86_400))
      self.claimIdle = claimIdle
    }
  }

  /// The clock by which ages are told.
  let clock = ServerClock()
  private let configuration: Configuration
  private let markFile: StateFile
  private let memoryFile: StateFile
  private let record: OrderRecord
  private let logger: Logger
  private let notice = DataLossNotice(key: Names.Key.dataLoss, acceptedKey: Names.Key.dataLossAccepted)

  private var streamed = StreamedOrders()
  private var memory = RedisMemory()
  private var fence: Fence?
  /// Nothing is asked or sent before: what was sent before a loss may arrive until then. Milliseconds since 1970.
  private var quietUntil: Int64 = 0
  /// What is asked for may have been sent up to then.
  private var sentBefore: Int64 = 0
  /// What this process has sent and not settled: until when each may arrive.
  private var sent: [String: Int64] = [:]
  private var lastSeen = ContinuousClock.now
  private var isConnected = false
  private var mayBeOvertaken = false

  package init(_ configuration: Configuration, logger: Logger) {
    self.configuration = configuration
    self.logger = logger
    markFile = StateFile(path: configuration.folder + "/genesis")
    memoryFile = StateFile(path: configuration.folder + "/redis")
    record = OrderRecord(in: configuration.folder, retention: configuration.retention)
  }

  /// What an operator should know, for the status line; nil when nothing is missing, or what is was accepted.
  package var alarm: String? { memory.loss.map { "Redis lost writes: \($0.text)" } }

  /// To be called after every connect, before anything is read, by the process that is to work.
  ///
  /// - Returns: The fence to work under: the same one unless this is the first connect or Redis lost writes. A later
  ///   process's epoch is left to the scripts to find.
  /// - Throws: A `RedisError`, or a `StateFileError` when the record cannot be used.
  package func prepare(on connection: Connection) throws -> Fence {
    clock.forget()
    if fence == nil { try load() }
    let now = try clock.now(on: connection)
    let seen = try DataLossMarker.look(
      key: Names.Key.dataLossMark, epochKey: Names.Key.executionEpoch,
      streams: [Names.Stream.decisions, Names.Stream.intents, Names.Stream.results], on: connection)
    if let fence, seen.epoch > fence.epoch { return fence }
    let missing = try missing(in: seen, at: now, on: connection)
    let fence = try begin(seen, missing, at: now, on: connection)
    try remember(seen, missing, under: fence, at: now, on: connection)
    self.fence = fence
    (isConnected, mayBeOvertaken, lastSeen) = (true, false, .now)
    return fence
  }

  /// Whether an epoch that is refused as stale was overtaken by none: Redis shows an earlier one.
  package func isLost(on connection: Connection) throws(RedisError) -> Bool {
    guard let fence else { return false }
    return try Fence.current(fence.key, on: connection) < fence.epoch
  }

  /// To be called at every turn of the loop. A long silence means that another process may have worked meanwhile.
  package func turn() {
    guard isConnected else { return }
    let now = ContinuousClock.now
    if now - lastSeen >= configuration.claimIdle { mayBeOvertaken = true }
    lastSeen = now
  }

  package func disconnected() {
    isConnected = false
  }

  /// How long nothing may be asked or sent yet; nil when it may.
  func quiet(at now: Int64) -> String? {
    guard now < quietUntil else { return nil }
    return "Redis lost writes, and orders sent before may still arrive; the exchange is asked in \(quietUntil - now) ms"
  }

  /// Writes orders to the record, with one fsync, and tells which of them, and which twins of them, may have been sent
  /// before. To be called before any of them is claimed.
  func cover(_ orders: [OrderToCover], at now: Int64) throws(StateFileError) -> [Doubt] {
    // Before they are in the record themselves: twins of one batch are kept apart by their claims.
    let twins = orders.map { order in
      order.effect.map { streamed.twins(of: order.id, effect: $0, and: record.twins(of: order.id, effect: $0)) } ?? []
    }
    let actions = orders.map { record.action(of: $0.id)?.action }
    let known = try record.cover(
      orders.map { RecordedOrder(id: $0.id, effect: $0.effect, action: RecordedAction($0.action)) }, at: now)
    let isPartial = now < record.partialUntil
    if sent.count > 1000 { sent = sent.filter { $0.value > now } }
    return orders.indices.map { index in
      let isUncovered = isPartial || (orders[index].made.map { $0 < record.since } ?? true)
      return Doubt(
        own: known[index] || isUncovered ? latest([orders[index].id]) : nil,
        twins: twins[index].isEmpty ? nil : Doubt.Twins(ids: twins[index], sentBefore: latest(twins[index])),
        begunAs: actions[index])
    }
  }

  /// Until when any of these orders may have been sent: by others before this process connected, or by this one. That
  /// other orders were sent since is no reason to wait.
  private func latest(_ ids: [String]) -> Deadline {
    Deadline(milliseconds: ids.reduce(sentBefore) { max($0, sent[$1] ?? 0) })
  }

  /// To be called before an order is sent.
  func willSend(_ id: String, before deadline: Deadline) {
    sent[id] = deadline.milliseconds
  }

  /// Remembers a result that was appended: a Redis that does not have it any more went back.
  func settled(_ resultID: String, stateKey: String) {
    record.note(result: resultID, stateKey: stateKey)
  }

  /// To be called when an order has its terminal state: nothing of it is under way any more.
  func ended(_ id: String) {
    sent[id] = nil
  }

  // MARK: After a connect

  private func load() throws {
    memory = try memoryFile.read().map { RedisMemory($0) } ?? RedisMemory()
    memory.marker.mark = try markFile.read()
    try record.load()
  }

  private func missing(in seen: DataLossMarker, at now: Int64, on connection: Connection) throws -> [String] {
    var before = memory.marker
    before.epoch = max(before.epoch, fence?.epoch ?? 0)
    guard let last = record.lastResult else { return seen.missing(since: before) }
    before.lastIDs[Names.Stream.results] = last.id
    let missing = seen.missing(since: before)
    // Others may have appended results since, so that the last id alone does not tell. States live for weeks.
    let written = Int64(last.id.prefix { $0 != "-" }) ?? 0
    guard missing.isEmpty, now - written < 7 * 86_400_000 else { return missing }
    guard try connection.call(["EXISTS", last.stateKey]).requireInteger(of: "EXISTS") == 0 else { return [] }
    return ["the terminal state '\(last.stateKey)' of result \(last.id) is gone"]
  }

  /// Takes an epoch and opens the record where this is a start or a loss, and decides what the record covers.
  private func begin(
    _ seen: DataLossMarker, _ missing: [String], at now: Int64, on connection: Connection
  ) throws -> Fence {
    let window =
      configuration.window.components.seconds * 1000
      + configuration.window.components.attoseconds / 1_000_000_000_000_000
    sentBefore = now + max(window, record.window)
    if let fence, missing.isEmpty { return fence }
    let isStart = fence == nil
    let hasRecord = record.lastEpoch != nil && !record.isDamaged
    let isNewRedis = seen.mark == nil && seen.epoch == 0 && memory.marker.mark == nil
    let remembered = max(memory.marker.epoch, fence?.epoch ?? 0, record.lastEpoch ?? 0)
    let taken = try Fence.take(Names.Key.executionEpoch, after: remembered, on: connection)
    // Another process worked since this record was written, or there is none of the time before.
    let isPartial = hasRecord ? isStart && taken.previous > record.lastEpoch ?? 0 : !isNewRedis
    let isCovered = hasRecord && !isPartial && (missing.isEmpty || !(isStart || mayBeOvertaken))
    try record.begin(
      epoch: taken.epoch, window: window, at: now, since: isCovered ? nil : now,
      isPartial: isPartial || (mayBeOvertaken && !missing.isEmpty))
    streamed.forget()
    if now < record.partialUntil {
      try streamed.read(since: now - configuration.retention.components.seconds * 1000, logger: logger, on: connection)
    }
    let isInDoubt = !missing.isEmpty || isPartial
    if isInDoubt { quietUntil = sentBefore }
    if isPartial, missing.isEmpty {
      logger.notice(
        "no complete record of earlier orders; the exchange is asked about every order for \(configuration.retention)")
    }
    return taken
  }

  /// Keeps what was seen, and says what is missing: in the log, in Redis, and to whoever asks for `alarm`.
  private func remember(
    _ seen: DataLossMarker, _ missing: [String], under fence: Fence, at now: Int64, on connection: Connection
  ) throws {
    if !missing.isEmpty {
      let loss = DataLossNotice.Loss(id: now, text: missing.joined(separator: "; "))
      memory.loss = loss
      logger.critical(
        """
        REDIS LOST WRITES: \(loss.text); the exchange is asked before anything is sent; find out what happened, then \
        accept the loss with '\(notice.acceptance(of: loss))'
        """)
    } else if let loss = memory.loss, try notice.isAccepted(loss, on: connection) {
      logger.notice("the loss of \(loss.id) was accepted: \(loss.text)")
      memory.loss = nil
    }
    let mark = try DataLossMarker.establish(seen.mark ?? Self.freshMark(), key: Names.Key.dataLossMark, on: connection)
    memory.marker = seen
    (memory.marker.mark, memory.marker.epoch) = (mark, fence.epoch)
    try markFile.write(mark)
    try memoryFile.write(memory.text)
    if let loss = memory.loss, try !notice.open(on: connection).contains(loss) {
      try notice.add(loss, on: connection)
    }
  }

  private static func freshMark() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36) + "-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}
