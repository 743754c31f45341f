public import EventBus
public import Logging
public import Redis
public import Trading

/// Turns intents into orders, each trace at most once, and each into one terminal state.
public struct Executor {
  /// The program's name, which its results carry as their source.
  public static let source = "quantum-execution"

  /// Execution's group on the stream of intents.
  public static let group = Group(Names.Group.execution, of: Names.Stream.intents)

  /// The epoch under which it settles.
  public var fence: Fence { settling.fence }

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
  public init(
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
  public func execute(_ deliveries: [Delivery], on connection: Connection) throws(RedisError) -> [Outcome] {
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
    let order: OrderInHand
    do {
      order = try OrderInHand(entry)
    } catch {
      // The loop logs dead letters.
      return .deadLetter(reason: error.reason)
    }
    let exchange: any Exchange = order.isProbe ? ProbeExchange() : self.exchange
    // A probe is refused in any case, and by what it is rather than by its age.
    let staleness = order.isProbe ? nil : freshness.staleness(of: order.intent, entry: entry.id, at: now())
    let course = OrderCourse(owner: order.trace.text, staleness: staleness)
    var action = course.started()
    while true {
      switch action {
      case .claim:
        let claim = try settling.claim(
          order.claimKey, state: order.stateKey, owner: order.trace.text, on: connection)
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
        return try settle(order, verdict, on: connection)
      case .skip(let owner):
        report(skipped: order, owner: owner)
        return .acknowledge
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

  private func settle(
    _ order: OrderInHand, _ verdict: OrderCourse.Verdict, on connection: Connection
  ) throws(RedisError) -> Outcome {
    guard let result = order.result(verdict, at: now()) else {
      return .later(reason: "the exchange told a fill that cannot be: \(verdict)")
    }
    let settlement = try settling.settle(
      order.entryID, state: order.stateKey, owner: order.trace.text, terminal: result.status.rawValue,
      result: order.envelope(of: result), on: connection)
    switch settlement {
    case .settled: report(result, of: order)
    case .already: report(skipped: order, owner: order.trace.text)
    }
    return .settled
  }
}

extension Executor {
  private func report(_ result: OrderResult, of order: OrderInHand) {
    logger.notice("\(LogLine.terminalState(result, order.trace))", metadata: fields(.terminalState, of: order))
  }

  private func report(skipped order: OrderInHand, owner: String) {
    var metadata = fields(.duplicateSkip, of: order)
    metadata["OWNER_TRACE_ID"] = "\(owner)"
    logger.notice("\(LogLine.duplicateSkip(order.trace))", metadata: metadata)
  }

  private func fields(_ event: LogLine.Event, of order: OrderInHand) -> Logger.Metadata {
    LogLine.fields(event, order.trace, stream: order.entryID).mapValues { .string($0) }
  }
}
