internal import Redis

/// Decides what a consumer of a group does next. Does nothing itself: each method is told what happened and returns the
/// next action, so that every order of events can be tested without a Redis.
///
/// After every connect: the group is ensured, the own pending entries are read to the end, then those of consumers gone
/// silent are claimed (and read as own ones), then new ones are read. Times are durations since any fixed moment.
struct ConsumerStateMachine: Sendable {
  enum Action: Sendable, Equatable {
    case connect
    /// Then report `waited`. No wait is longer than one turn may be.
    case wait(Duration)
    case ensureGroup
    case readOwn(after: String)
    /// The own pending entries are drained.
    case announceReady
    case claim
    case readNew(block: Duration)
    case handle([Delivery])
    case deadLetter(Delivery, reason: String, isAlarm: Bool)
    /// The stop was honoured: nothing is in hand.
    case leave
  }

  /// How the handling of deliveries ended.
  enum Handled: Sendable, Equatable {
    /// Every one has its outcome.
    case done
    /// Some stay pending through a fault of their own, and are delivered again after a while.
    case failed
    /// Some stay pending because something that they need is not there: nothing new is read until it is.
    case blocked
  }

  let configuration: Consumer.Configuration
  /// Whether the own pending entries have been drained since the last connect.
  private(set) var isReady = false

  private var isStopping = false
  private var connecting: Backoff
  private var pausing: Backoff
  private var waitEnd: Duration = .zero
  private var afterWait: Action = .connect
  /// The place in the own pending entries while they are read; nil while new ones are.
  private var cursor: String?
  private var claimDue: Duration = .zero
  private var retryDue: Duration?

  /// Before every pending id.
  static let beginning = "0-0"

  init(_ configuration: Consumer.Configuration) {
    self.configuration = configuration
    connecting = configuration.backoff
    pausing = configuration.backoff
  }

  /// Makes every later action `leave`, and `action` too unless it deals with entries that are in hand.
  mutating func stop(before action: Action) -> Action {
    isStopping = true
    switch action {
    case .handle, .deadLetter: return action
    default: return .leave
    }
  }

  mutating func started() -> Action {
    unlessStopping(.connect)
  }

  mutating func connected(at now: Duration) -> Action {
    claimDue = now
    return unlessStopping(.ensureGroup)
  }

  /// The connection broke, or none came about.
  mutating func disconnected(at now: Duration) -> Action {
    isReady = false
    return wait(connecting.next(), at: now, then: .connect)
  }

  /// Another process does the work. Looked at again after a turn's time.
  mutating func stoodBy(at now: Duration) -> Action {
    isReady = false
    return wait(configuration.block, at: now, then: .connect)
  }

  /// Redis refused something for a reason that is not an entry's: it is still loading, or the group is gone. The group
  /// is ensured anew, after a pause: two programs that disagree about a group would keep a core busy.
  mutating func refused(at now: Duration) -> Action {
    wait(pausing.next(), at: now, then: .ensureGroup)
  }

  mutating func waited(at now: Duration) -> Action {
    if now < waitEnd { return unlessStopping(.wait(min(waitEnd - now, configuration.block))) }
    if case .readOwn(let id) = afterWait { return readOwn(after: id) }
    return unlessStopping(afterWait)
  }

  mutating func groupEnsured() -> Action {
    connecting.reset()
    return readOwn(after: Self.beginning)
  }

  /// An own pending entry, or nil at the end of them.
  mutating func ownRead(_ delivery: Delivery?, at now: Duration) -> Action {
    guard let delivery else {
      cursor = nil
      guard !isReady else { return next(at: now) }
      isReady = true
      return unlessStopping(.announceReady)
    }
    cursor = delivery.entry.id
    if delivery.entry.fields == nil {
      return unlessStopping(.deadLetter(delivery, reason: "trimmed while pending", isAlarm: true))
    }
    if delivery.deliveries > configuration.deliveries {
      let reason = "poison: delivered \(delivery.deliveries - 1) times and never settled"
      return unlessStopping(.deadLetter(delivery, reason: reason, isAlarm: false))
    }
    return unlessStopping(.handle([delivery]))
  }

  mutating func announced(at now: Duration) -> Action {
    next(at: now)
  }

  /// So many entries of other consumers are this one's own now.
  mutating func claimed(_ count: Int, at now: Duration) -> Action {
    claimDue = count < configuration.batch ? now + configuration.claimInterval : now
    return count > 0 ? readOwn(after: Self.beginning) : next(at: now)
  }

  mutating func newRead(_ entries: [Entry], at now: Duration) -> Action {
    guard entries.isEmpty else { return unlessStopping(.handle(entries.map { Delivery($0) })) }
    pausing.reset()
    return next(at: now)
  }

  /// The deliveries of `handle`, or the one of `deadLetter`, are dealt with.
  mutating func handled(_ result: Handled, at now: Duration) -> Action {
    switch result {
    case .blocked:
      return wait(pausing.next(), at: now, then: .readOwn(after: Self.beginning))
    case .failed:
      retryDue = retryDue ?? now + configuration.retryInterval
    case .done:
      pausing.reset()
    }
    if let cursor { return readOwn(after: cursor) }
    return next(at: now)
  }

  private mutating func readOwn(after id: String) -> Action {
    // A reading from the beginning takes up all that was left, so no retry is due behind it but by a new failure.
    if id == Self.beginning { retryDue = nil }
    cursor = id
    return unlessStopping(.readOwn(after: id))
  }

  private mutating func next(at now: Duration) -> Action {
    if claimDue <= now { return unlessStopping(.claim) }
    if let retryDue, retryDue <= now { return readOwn(after: Self.beginning) }
    let due = min(claimDue, retryDue ?? claimDue)
    return unlessStopping(.readNew(block: min(configuration.block, due - now)))
  }

  private mutating func wait(_ time: Duration, at now: Duration, then action: Action) -> Action {
    waitEnd = now + time
    afterWait = action
    cursor = nil
    return unlessStopping(.wait(min(time, configuration.block)))
  }

  private func unlessStopping(_ action: Action) -> Action {
    isStopping ? .leave : action
  }
}
