public import Redis

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
    /// The waits between attempts to connect, and between attempts when Redis or the outside refuses for a while.
    public var backoff: Backoff

    public init(
      group: Group, name: String, deadLetters: String, batch: Int = 64, block: Duration = .seconds(1),
      claimIdle: Duration = .seconds(60), claimInterval: Duration = .seconds(15), deliveries: Int = 5,
      retryInterval: Duration = .seconds(1), backoff: Backoff = Backoff()
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
      self.backoff = backoff
    }
  }
}
