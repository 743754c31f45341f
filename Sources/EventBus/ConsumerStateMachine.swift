internal import Redis

/// Decides what a consumer of a group does next. Does nothing itself: each method is told what happened and returns the
/// next action, so that every order of events can be tested without a Redis.
///
/// After every connect: the group is ensured, what is needed of Redis is tried, the own pending entries are read to the
/// end, then those of consumers gone silent are claimed (and read as own ones), then new ones are read. Times are
/// durations since any fixed moment.
struct ConsumerStateMachine: Sendable {
  enum Action: Sendable, Equatable {
    case connect
    /// Then report `waited`. No wait is longer than one turn may be.
    case wait(Duration)
    case ensureGroup
    /// Try what the consumer needs of Redis, then report `checked` or `refused`.
    case check
    case readOwn(after: String)
    /// The own pending entries are drained.
    case announceReady
    case claim
    case readNew(limit: Int, block: Duration)
    /// And meanwhile let the server read so many of the next entries, if a number is given.
    case handle([Delivery], readingAhead: Int? = nil)
    case deadLetter(id: String, reason: String)
    /// The stop was honoured: nothing is in hand.
    case leave
  }

  /// How the handling of deliveries ended.
  enum Handled: Sendable, Equatable {
    /// Every one has its outcome.
    case done
    /// Some stay pending through a fault of their own, and are delivered again after a while. `error` is what Redis
    /// answered, if that is the reason.
    case failed(error: String?)
    /// They failed with the very error of the ones before (see `isRepeated`), so they stay pending and are not to blame.
    case repeated
    /// Some stay pending because something that they need is not there: nothing new is read until it is.
    case blocked
    /// Some stay pending because Redis refuses: what is needed of it is tried again before anything is read.
    case refused

    /// Whether new entries may follow at once. Those that were read ahead stay pending otherwise, without being charged a
    /// delivery.
    var allowsNew: Bool {
      switch self {
      case .done, .failed: true
      case .repeated, .blocked, .refused: false
      }
    }
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
  private var size: BatchSize
  /// What Redis answered to the last failure, until something succeeds.
  private var lastError: String?
  /// How many entries have failed since the last pause, with the same error each; nil while nothing is suspected.
  private var suspects: Int?

  /// Before every pending id.
  static let beginning = "0-0"
  /// How many entries are tried before a pause when several fail alike: more than one, or a single entry with a fault of
  /// its own would look like a fault of Redis for ever.
  static let suspectsTried = 3
  /// Entries of other consumers are claimed in portions of at least this many: those that are gone cost nothing more.
  static let claimLimit = 256

  init(_ configuration: Consumer.Configuration) {
    self.configuration = configuration
    connecting = configuration.backoff
    pausing = configuration.backoff
    size = BatchSize(most: configuration.batch, bytes: configuration.batchBytes)
  }

  /// Makes every later action `leave`, and `action` too unless it deals with entries that are in hand.
  mutating func stop(before action: Action) -> Action {
    isStopping = true
    switch action {
    case .handle(let deliveries, _): return .handle(deliveries)
    case .deadLetter: return action
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

  /// The answer to a reading was longer than the connection takes, which closed it. What was read is pending now, and is
  /// read one by one.
  mutating func readTooMuch() -> Action {
    size.shrink()
    isReady = false
    return unlessStopping(.connect)
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
    unlessStopping(.check)
  }

  /// Redis allows all that is needed.
  mutating func checked() -> Action {
    connecting.reset()
    return readOwn(after: Self.beginning)
  }

  mutating func ownRead(_ next: Group.OwnRead.Next, at now: Duration) -> Action {
    switch next {
    case .end:
      cursor = nil
      guard !isReady, suspects == nil else { return self.next(at: now) }
      isReady = true
      return unlessStopping(.announceReady)
    case .more(let id):
      return readOwn(after: id)
    case .tooLarge(let id, let bytes):
      cursor = id
      let reason = "too large: \(bytes) bytes, and at most \(configuration.entryBytes) are read"
      return unlessStopping(.deadLetter(id: id, reason: reason))
    case .poison(let id, let deliveries):
      cursor = id
      return unlessStopping(.deadLetter(id: id, reason: "poison: delivered \(deliveries - 1) times and never settled"))
    case .entry(let delivery):
      cursor = delivery.entry.id
      return unlessStopping(.handle([delivery]))
    }
  }

  mutating func announced(at now: Duration) -> Action {
    next(at: now)
  }

  /// So many entries were taken from other consumers, those included that were gone.
  mutating func claimed(_ count: Int, at now: Duration) -> Action {
    claimDue = count < max(configuration.batch, Self.claimLimit) ? now + configuration.claimInterval : now
    return count > 0 ? readOwn(after: Self.beginning) : next(at: now)
  }

  mutating func newRead(_ entries: [Entry], at now: Duration) -> Action {
    guard !entries.isEmpty else {
      guard suspects == nil else { return pauseForSuspects(at: now) }
      pausing.reset()
      return next(at: now)
    }
    let isFull = entries.count >= size.current
    size.took(entries.map(\.bytes))
    let readable = entries.filter { $0.bytes <= configuration.entryBytes }
    // What is too large is pending now, and becomes a dead letter when it is read as an own one.
    if readable.count < entries.count { retryDue = now }
    guard !readable.isEmpty else { return next(at: now) }
    let ahead = configuration.readsAhead && isFull && isNewNext(at: now) ? size.current : nil
    return unlessStopping(.handle(readable.map { Delivery($0) }, readingAhead: ahead))
  }

  /// Whether an error of Redis is the very one that the failure before had, with no success between them: then it is
  /// taken for Redis' fault, and the entries are not to be charged for it.
  func isRepeated(_ error: String) -> Bool {
    error == lastError
  }

  /// The deliveries of `handle`, or the one of `deadLetter`, are dealt with.
  ///
  /// - Parameter ahead: What was read meanwhile. It is in hand, so it comes before anything that has become due.
  mutating func handled(_ result: Handled, ahead: [Entry] = [], at now: Duration) -> Action {
    switch result {
    case .blocked:
      return wait(pausing.next(), at: now, then: .readOwn(after: Self.beginning))
    case .refused:
      return refused(at: now)
    case .repeated:
      suspects = (suspects ?? 0) + 1
      guard suspects ?? 0 < Self.suspectsTried else { return pauseForSuspects(at: now) }
    case .failed(let error):
      (lastError, suspects) = (error, nil)
      retryDue = retryDue ?? now + configuration.retryInterval
    case .done:
      if suspects != nil { retryDue = retryDue ?? now + configuration.retryInterval }
      (lastError, suspects) = (nil, nil)
      pausing.reset()
    }
    if !ahead.isEmpty { return newRead(ahead, at: now) }
    if let cursor { return readOwn(after: cursor) }
    return next(at: now)
  }

  private mutating func pauseForSuspects(at now: Duration) -> Action {
    suspects = 0
    return wait(pausing.next(), at: now, then: .readOwn(after: Self.beginning))
  }

  private mutating func readOwn(after id: String) -> Action {
    // A reading from the beginning takes up all that was left, so no retry is due behind it but by a new failure.
    if id == Self.beginning { retryDue = nil }
    cursor = id
    return unlessStopping(.readOwn(after: id))
  }

  private mutating func next(at now: Duration) -> Action {
    // One new entry, and at once: it tells whether those that failed are at fault, or Redis is.
    if suspects != nil { return unlessStopping(.readNew(limit: 1, block: .milliseconds(1))) }
    if claimDue <= now { return unlessStopping(.claim) }
    if let retryDue, retryDue <= now { return readOwn(after: Self.beginning) }
    let due = min(claimDue, retryDue ?? claimDue)
    return unlessStopping(.readNew(limit: size.current, block: min(configuration.block, due - now)))
  }

  /// Whether new entries are what is read next.
  private func isNewNext(at now: Duration) -> Bool {
    suspects == nil && now < min(claimDue, retryDue ?? claimDue)
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

/// How many new entries are read at once: few at first, then as many as are wanted, unless they are so large that their
/// bytes would be too many.
struct BatchSize: Sendable {
  /// The number for the next reading.
  private(set) var current = 1
  private let most: Int
  private let bytes: Int

  init(most: Int, bytes: Int) {
    self.most = most
    self.bytes = bytes
  }

  /// These many bytes had each of the entries that were read.
  mutating func took(_ sizes: [Int]) {
    let largest = max(1, sizes.max() ?? 1)
    current = max(1, min(most, current * 4, bytes / largest))
  }

  /// To be called when even the last reading was too much.
  mutating func shrink() {
    current = 1
  }
}
