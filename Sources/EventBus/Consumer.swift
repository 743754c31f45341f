public import Redis

/// Runs a consumer on the calling thread until its stop signal is raised.
///
/// At least once delivery: an entry is acknowledged after its handler, and a handler has to stand seeing one again.
public struct Consumer {
  public typealias Prepare = (Connection) throws -> Fence?
  public typealias Handle = ([Delivery], Connection) throws -> [Outcome]
  public typealias Observe = (ConsumerEvent) -> Void

  let configuration: Configuration
  let endpoint: Endpoint
  let options: Connection.Options
  let stop: StopSignal

  public init(
    _ configuration: Configuration, endpoint: Endpoint, options: Connection.Options = .init(),
    stop: StopSignal
  ) {
    self.configuration = configuration
    self.endpoint = endpoint
    self.options = options
    self.stop = stop
  }

  /// Blocks the calling thread. Once the signal is raised, the entries in hand are finished, then it returns.
  ///
  /// - Parameters:
  ///   - prepare: Called after every connect, before anything is read. Returns the fence under which entries are
  ///     acknowledged and dead-lettered, or nil for none. After a `RedisError` of it the loop connects anew, after a
  ///     while, and so after a `StandBy`; anything else that it throws ends the loop.
  ///   - handle: Called with one delivery or a batch; returns an outcome for each, in order. The connection is its own to
  ///     use until it returns. What it throws leaves all of them pending, to be delivered again one by one, a bounded
  ///     number of times. What Redis refuses for its state or its settings does not count against that bound, nor does an
  ///     error of Redis that several entries have in a row.
  ///   - observe: Told of everything, on the same thread.
  /// - Throws: What `prepare` threw, a `GroupStartError`, or a `RedisError` whose `isStaleEpoch` is true: a later process
  ///   has taken over.
  public func run(prepare: Prepare = { _ in nil }, handle: Handle, observe: Observe) throws {
    try withoutActuallyEscaping(prepare) { prepare in
      try withoutActuallyEscaping(handle) { handle in
        try withoutActuallyEscaping(observe) { observe in
          var turns = ConsumerRun(of: self, prepare: prepare, handle: handle, observe: observe)
          try turns.run()
        }
      }
    }
  }
}

extension Consumer {
  /// What a consumer is told once.
  public struct Configuration: Sendable {
    public var group: Group
    /// The consumer's name in the group. Stable over restarts, and of one process only: its pending entries are found
    /// again by it.
    public var name: String
    /// The stream of dead letters.
    public var deadLetters: String
    /// The most entries that are given to the handler at once. Only first deliveries come in batches; what is delivered
    /// again comes one by one, so that an entry that ends its process is told from its neighbours.
    public var batch: Int
    /// How long one read waits for entries, and so the longest time between two turns of an idle loop.
    public var block: Duration
    /// How long an entry must have lain with another consumer before it is taken over. Far above the longest handling.
    public var claimIdle: Duration
    public var claimInterval: Duration
    /// An entry that was delivered so often without being settled is recorded as a dead letter.
    public var deliveries: Int
    /// How long after its handler threw an entry is delivered again.
    public var retryInterval: Duration
    /// The most bytes that a batch is to have. The number of entries in a batch follows the size of those before.
    public var batchBytes: Int
    /// An entry of more bytes becomes a dead letter, which holds the beginning of each value.
    public var entryBytes: Int
    /// What else is needed of Redis, besides what every consumer needs. It is tried after every connect, before anything
    /// is read.
    public var requirements: Requirements
    /// The waits between attempts to connect, and between attempts when Redis or the outside refuses for a while.
    public var backoff: Backoff
    /// Whether the next entries are asked for while the handler works, as long as batches are full: the server then reads
    /// them meanwhile. Up to two batches are in hand then.
    public var readsAhead: Bool
    /// Where the group begins when it is not there yet; nil: at the stream's first entry.
    public var start: GroupStart?

    public init(
      group: Group, name: String, deadLetters: String, batch: Int = 64, block: Duration = .seconds(1),
      claimIdle: Duration = .seconds(60), claimInterval: Duration = .seconds(15), deliveries: Int = 5,
      retryInterval: Duration = .seconds(1), batchBytes: Int = 8 << 20, entryBytes: Int = 16 << 20,
      requirements: Requirements = Requirements(), backoff: Backoff = Backoff(), readsAhead: Bool = false,
      start: GroupStart? = nil
    ) {
      self.group = group
      self.name = name
      self.deadLetters = deadLetters
      self.batch = max(1, batch)
      self.block = max(block, .milliseconds(1))
      self.claimIdle = claimIdle
      self.claimInterval = claimInterval
      self.deliveries = max(1, deliveries)
      self.retryInterval = retryInterval
      self.batchBytes = max(1, batchBytes)
      self.entryBytes = max(1, entryBytes)
      self.requirements = requirements
      self.backoff = backoff
      self.readsAhead = readsAhead
      self.start = start
    }
  }
}
