public import Redis

/// Gives each entry of a stream exactly one terminal state, and exactly one result, whatever dies when.
///
/// First the entry is claimed, then the effect is made outside of Redis, then it is settled. A process that dies between
/// the two leaves a claim behind; the entry's next delivery finds it (`resumed`) and has to ask the outside whether the
/// effect lives before it makes it again. Everything refuses under a stale epoch (`RedisError.isStaleEpoch`).
///
/// The outside knows no epochs. So a claim allows the effect for a `window` only, whose end is sent along: a process that
/// is paused between its claim and its effect makes none when it wakes, and who comes after it knows when to be sure.
public struct SettleOnce: Sendable {
  public let group: Group
  public let results: String
  public let deadLetters: String
  public let fence: Fence
  /// How long a twin of an effect is kept out.
  public let claimLifetime: Duration
  /// How long after a claim the effect may be made.
  public let window: Duration
  /// How long a state is kept: longer than `claimLifetime`, the stream's retention and the longest time that an entry
  /// can be pending, or an entry delivered after it would be settled again.
  public let stateLifetime: Duration

  public init(
    from group: Group, to results: String, deadLetters: String, fence: Fence,
    window: Duration = .seconds(2), claimLifetime: Duration = .seconds(86400),
    stateLifetime: Duration = .seconds(30 * 86400)
  ) {
    self.group = group
    self.results = results
    self.deadLetters = deadLetters
    self.fence = fence
    self.window = window
    self.claimLifetime = claimLifetime
    self.stateLifetime = max(stateLifetime, claimLifetime)
  }

  public enum Claim: Sendable, Hashable {
    /// Nobody has claimed it before: the effect may be made, until then.
    case fresh(until: Deadline)
    /// The same owner has claimed it before and not settled it: the effect may have been made, or may still come about
    /// then. When the outside is sure that there is none, `reopen` allows it anew.
    ///
    /// - Parameter order: What it was claimed for; nil where an earlier version did not write it down.
    case resumed(earlier: Deadline, order: String?)
    /// Another owner has the claim: no effect may be made.
    case twin(of: String)
    /// The owner's state is terminal already.
    case settled(State)
  }

  /// A terminal state as it was stored.
  public struct State: Sendable, Hashable {
    /// The text given to `settle`.
    public let terminal: String
    /// The id of the result that was appended with it.
    public let resultID: String
    /// What it was settled for; nil where an earlier version did not write it down.
    public let order: String?

    public init(terminal: String, resultID: String, order: String? = nil) {
      self.terminal = terminal
      self.resultID = resultID
      self.order = order
    }
  }

  public enum Settlement: Sendable, Hashable {
    /// Stored, the result appended under this id, the entry acknowledged.
    case settled(resultID: String)
    /// There was a terminal state before, which stays; the entry is acknowledged.
    case already(State)
  }

  /// An effect that is to be claimed for an owner.
  public struct Effect: Sendable, Hashable {
    /// Names it; the key's value is the owner, while it lives.
    public var key: String
    /// Another name of the same effect.
    public var alias: String?
    /// A name that may be another effect's: it counts where its holder claimed it for the same `order`.
    public var lookalike: String?
    /// Names the owner's state: a prefix of the caller's choice and the owner.
    public var state: String
    /// The trace id.
    public var owner: String
    /// What it is claimed for, in a short text that is told to whoever comes again.
    public var order: String

    public init(
      _ key: String, alias: String? = nil, lookalike: String? = nil, state: String, owner: String, order: String = ""
    ) {
      (self.key, self.alias, self.lookalike) = (key, alias, lookalike)
      (self.state, self.owner, self.order) = (state, owner, order)
    }
  }

  /// Claims an effect.
  public func claim(_ effect: Effect, on connection: Connection) throws(RedisError) -> Claim {
    try Self.claim(try connection.run(Self.claimScript.script, call(effect)))
  }

  /// Claims many effects, one after the other, for the time of one. When it throws, any number of them may be claimed.
  public func claim(_ effects: [Effect], on connection: Connection) throws(RedisError) -> [Claim] {
    var claims: [Claim] = []
    for reply in try connection.pipeline(Self.claimScript.script, effects.map(call)) {
      claims.append(try Self.claim(reply))
    }
    return claims
  }

  private func call(_ effect: Effect) -> Script.Call {
    Self.claimScript.call(
      fence: fence, keys: [effect.key, effect.state, effect.alias ?? effect.key, effect.lookalike ?? effect.key],
      arguments: [
        effect.owner, Self.seconds(claimLifetime), Self.seconds(stateLifetime), String(max(1, window.milliseconds)),
        effect.order,
      ])
  }

  private static func claim(_ reply: Reply) throws(RedisError) -> Claim {
    let words = try Self.words(reply)
    switch (words.first, words.count) {
    case ("fresh", 2):
      // trap: counted
      if let moment = Int64(words[1]) { return .fresh(until: Deadline(milliseconds: moment)) }
    case ("resumed", 3):
      // trap: counted
      if let moment = Int64(words[1]) {
        return .resumed(earlier: Deadline(milliseconds: moment), order: Self.order(words[2]))
      }
    // trap: counted
    case ("twin", 2): return .twin(of: words[1])
    case ("settled", 4): return .settled(Self.state(words))
    default: break
    }
    throw reply.mismatch(claimScript.script.name, wanted: "a claim")
  }

  /// Allows an effect anew that was claimed before and that is not there, and returns until when it may be made.
  public func reopen(_ stateKey: String, on connection: Connection) throws(RedisError) -> Deadline {
    let reply = try Self.reopenScript.run(
      fence: fence, keys: [stateKey], arguments: [String(max(1, window.milliseconds))], on: connection)
    return Deadline(milliseconds: try reply.requireInteger(of: Self.reopenScript.script.name))
  }

  /// The end of an entry.
  public struct Ending: Sendable, Hashable {
    /// The entry.
    public var id: String
    /// The key of the state.
    public var state: String
    /// What it is settled for, as in `Effect`.
    public var order: String
    public var terminal: String
    /// The fields of the result.
    public var result: [Field]

    public init(_ id: String, state: String, order: String = "", terminal: String, result: [Field]) {
      (self.id, self.state, self.order, self.terminal, self.result) = (id, state, order, terminal, result)
    }
  }

  /// Stores the terminal state if none is there, appends the result and acknowledges the entry, in one step. It needs
  /// no claim: what was refused before anything was tried is settled just so.
  public func settle(_ ending: Ending, on connection: Connection) throws(RedisError) -> Settlement {
    try Self.settlement(try connection.run(Self.settleScript.script, call(ending)))
  }

  /// Settles many entries, each in one step of its own, for the time of one. What Redis refuses of one does not keep the
  /// others from being settled. When it throws, any number of them may be settled.
  public func settle(
    _ endings: [Ending], on connection: Connection
  ) throws(RedisError) -> [Result<Settlement, RedisError>] {
    try connection.pipeline(Self.settleScript.script, endings.map(call)).map { reply in
      Result { () throws(RedisError) in try Self.settlement(reply) }
    }
  }

  private func call(_ ending: Ending) -> Script.Call {
    Self.settleScript.call(
      fence: fence, keys: [group.stream, ending.state, results],
      arguments: [group.name, ending.id, Self.seconds(stateLifetime), ending.terminal, ending.order]
        + ending.result.flatMap { [$0.name, $0.value] })
  }

  private static func settlement(_ reply: Reply) throws(RedisError) -> Settlement {
    let words = try words(reply)
    switch (words.first, words.count) {
    // trap: counted
    case ("settled", 2): return .settled(resultID: words[1])
    case ("already", 4): return .already(state(words))
    default: throw reply.mismatch("settle", wanted: "a settlement")
    }
  }

  /// Of `settled` or `already`, the terminal state, the id of the result and the order.
  private static func state(_ words: [String]) -> State {
    // trap: counted
    State(terminal: words[1], resultID: words[2], order: order(words[3]))
  }

  private static func order(_ text: String) -> String? {
    text.isEmpty ? nil : text
  }

  private static func seconds(_ duration: Duration) -> String {
    String(max(1, duration.components.seconds))
  }

  private static func words(_ reply: Reply) throws(RedisError) -> [String] {
    try reply.requireArray(of: "settle once").compactMap(\.string)
  }
}
