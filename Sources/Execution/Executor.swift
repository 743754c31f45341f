package import EventBus
package import Logging
package import Redis
internal import Trading

/// Turns intents into orders, each trace at most once, and each into one terminal state.
package struct Executor {
  /// The program's name, which its results carry as their source.
  package static let source = "quantum-execution"

  /// Execution's group on the stream of intents.
  package static let group = Group(Names.Group.execution, of: Names.Stream.intents)

  /// The epoch under which it settles.
  package var fence: Fence { settling.fence }

  let settling: SettleOnce
  let exchange: any Exchange
  let freshness: Freshness
  let lossGuard: DataLossGuard?
  let clock: ServerClock
  let waitsForDisk: Bool
  private let isStopping: () -> Bool
  private let goesOn: (Connection) throws(RedisError) -> Void
  let logger: Logger

  /// - Parameters:
  ///   - exchange: For everything but probes, which have their own.
  ///   - window: How long after its claim an order may reach the exchange.
  ///   - lossGuard: Knows what was begun before; nil trusts Redis alone.
  ///   - waitsForDisk: Whether Redis must have written the claims of a batch to its disk before anything of it is sent
  ///     (WAITAOF).
  ///   - isStopping: Whether to leave what is not begun for the next start.
  ///   - goesOn: Told after each order that the exchange took by itself: a batch of them may take long.
  package init(
    exchange: any Exchange, fence: Fence, freshness: Freshness, window: Duration = .seconds(2),
    lossGuard: DataLossGuard? = nil, waitsForDisk: Bool = false,
    isStopping: @escaping () -> Bool = { false },
    goesOn: @escaping (Connection) throws(RedisError) -> Void = { _ throws(RedisError) in }, logger: Logger
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
    self.goesOn = goesOn
    self.logger = logger
  }

  /// Works through intents in order. When one has to wait, those behind it wait too.
  package func execute(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
    let now = try clock.now(on: connection)
    let readings = deliveries.map { Reading($0.entry) }
    let orders = readings.compactMap(\.order)
    switch begin(orders, at: now) {
    case .failure(let reason): return deliveries.map { _ in .later(reason: reason.text) }
    case .success(let doubts):
      switch try claimAhead(orders, doubts, on: connection) {
      case .failure(let reason): return deliveries.map { _ in .later(reason: reason.text) }
      case .success(let claims):
        return try work(through: zip(deliveries, readings).map { ($0.entry, $1) }, doubts, claims, on: connection)
      }
    }
  }

  /// Orders that are next to each other and only have to be sent go to the exchange together, where it takes batches.
  private func work(
    through readings: [(Entry, Reading)], _ doubts: [String: Doubt], _ claims: [String: SettleOnce.Claim],
    on connection: Connection
  ) throws(RedisError) -> [Outcome] {
    var outcomes: [Outcome] = []
    var obstacle: Outcome?
    var sending: [OrderToSend] = []
    func add(_ more: [Outcome]) {
      outcomes += more
      obstacle = more.first { if case .later = $0 { true } else { false } }
    }
    for (entry, reading) in readings {
      // What is claimed for a batch is sent at once, so that it is not left halfway.
      if obstacle == nil, sending.isEmpty, isStopping() {
        obstacle = .later(reason: "stopping: left for the next start")
      }
      if obstacle == nil, let next = try orderToSend(reading, doubts, claims, on: connection) {
        sending.append(next)
        continue
      }
      if obstacle == nil, !sending.isEmpty {
        add(try send(sending, on: connection))
        sending = []
      }
      if let obstacle {
        outcomes.append(obstacle)
      } else {
        add([try execute(reading, entry, doubts, claims, on: connection)])
        try goesOn(connection)
      }
    }
    return sending.isEmpty ? outcomes : outcomes + (try send(sending, on: connection))
  }

  private struct Obstacle: Error {
    let text: String
  }

  /// Writes a batch to the record before any of it is claimed, and returns what the exchange is to be asked about each
  /// order, by client order id.
  private func begin(_ orders: [OrderInHand], at now: Int64) -> Result<[String: Doubt], Obstacle> {
    guard let lossGuard else { return .success([:]) }
    if let reason = lossGuard.quiet(at: now) { return .failure(Obstacle(text: reason)) }
    let real = orders.filter { !$0.isProbe }
    do {
      let doubts = try lossGuard.cover(
        real.map { OrderToCover(id: $0.clientOrderID, made: $0.made, effect: $0.effect, action: $0.summary.action) },
        at: now)
      var found: [String: Doubt] = [:]
      var seen: Set<String> = []
      // The second of a trace in this batch is known to the record only because of the first.
      for (order, doubt) in zip(real, doubts) where seen.insert(order.clientOrderID).inserted {
        if doubt != Doubt() { found[order.clientOrderID] = doubt }
      }
      guard !exchange.isIdempotent else { return .success([:]) }
      exchange.expect(found.flatMap { Self.lookUps($0.key, $0.value) })
      return .success(found)
    } catch {
      return .failure(Obstacle(text: error.description))
    }
  }

  /// What is about to be asked. A twin alone is kept out by its claim, as a rule.
  private static func lookUps(_ id: String, _ doubt: Doubt) -> [(clientOrderID: String, sentBefore: Deadline)] {
    guard let own = doubt.own else { return [] }
    return [(id, own)] + (doubt.twins.map { twins in twins.ids.map { ($0, twins.sentBefore) } } ?? [])
  }

  /// Claims a batch where its exchange takes it at once, and where claims must be on Redis' disk before anything is sent,
  /// which is waited for once. Returns the claims by entry; else none.
  ///
  /// The second of a trace is left out: it is to meet the end of the first. So is what the record has for another action.
  private func claimAhead(
    _ orders: [OrderInHand], _ doubts: [String: Doubt], on connection: Connection
  ) throws(RedisError) -> Result<[String: SettleOnce.Claim], Obstacle> {
    guard waitsForDisk || exchange.takesBatches, !isStopping() else { return .success([:]) }
    var seen: Set<String> = []
    let first = orders.filter { order in
      guard seen.insert(order.trace.text).inserted else { return false }
      return doubts[order.clientOrderID]?.begunAs.map { $0 == order.summary.action } ?? true
    }
    let claims = try settling.claim(first.map(\.effectToClaim), on: connection)
    if waitsForDisk, !claims.isEmpty, let reason = try unwritten(on: connection) {
      return .failure(Obstacle(text: reason))
    }
    return .success(Dictionary(zip(first.map(\.entryID), claims)) { first, _ in first })
  }

  /// Why what was written over this connection is not on Redis' disk yet; nil when it is.
  func unwritten(on connection: Connection) throws(RedisError) -> String? {
    let timeout = Int64(connection.options.timeout / .milliseconds(2))
    let reply = try connection.send(["WAITAOF", "1", "0", String(timeout)])
    if case .error(let error) = reply { return "Redis does not wait for its append-only file: \(error.message)" }
    guard reply.array?.first?.integer ?? 0 < 1 else { return nil }
    return "Redis did not write its claims to its append-only file within \(timeout) ms; look at its disk"
  }
}
