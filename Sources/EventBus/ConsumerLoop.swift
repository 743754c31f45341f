public import Redis

/// Runs a consumer on the calling thread until its stop signal is raised.
///
/// At least once delivery: an entry is acknowledged after its handler, and a handler has to stand seeing one again.
public struct ConsumerLoop {
  public typealias Prepare = (Connection) throws -> Fence?
  public typealias Handle = ([Delivery], Connection) throws -> [Outcome]
  public typealias Observe = (ConsumerEvent) -> Void

  let configuration: Consumer.Configuration
  let endpoint: Endpoint
  let options: Connection.Options
  let stop: StopSignal

  public init(
    _ configuration: Consumer.Configuration, endpoint: Endpoint, options: Connection.Options = .init(),
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
  ///     number of times; a `RedisError` that may pass does not count against that bound.
  ///   - observe: Told of everything, on the same thread.
  /// - Throws: What `prepare` threw, or a `RedisError` whose `isStaleEpoch` is true: a later process has taken over.
  public func run(prepare: Prepare = { _ in nil }, handle: Handle, observe: Observe) throws {
    try withoutActuallyEscaping(prepare) { prepare in
      try withoutActuallyEscaping(handle) { handle in
        try withoutActuallyEscaping(observe) { observe in
          var turns = ConsumerTurns(loop: self, prepare: prepare, handle: handle, observe: observe)
          try turns.run()
        }
      }
    }
  }
}
