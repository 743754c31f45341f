internal import Deployment

/// The results of every check of Redis, of one look at it: the judgements put together, nothing looked at.
struct RedisVerdict: Sendable {
  /// The address, without its password.
  var endpoint: String
  var verify: Manifest.Verify
  var silence: Duration
  var baseline: Baseline?
  /// What is compared with what is seen.
  var moment = Moment.alone

  enum Moment: Sendable {
    /// No window is kept: there is only this look.
    case alone
    /// The window begins. What piled up while the services were down has until its end to be worked off.
    case start
    /// The window is over; it began with the other look. `nil`: it was cut short, so that nothing had to move.
    case end(since: RedisView, Duration?)
  }

  func results(of seen: Result<RedisView, Unseen>) -> [CheckResult] {
    let reachable = RedisReachable.judge(endpoint, seen.map(\.server))
    guard case .success(let view) = seen else { return [reachable] + skipped(because: "Redis is not reachable") }
    return [
      reachable, RedisDurable.judge(endpoint, view.server),
      RedisIntact.judge(endpoint, view.losses, before: baseline?.loss),
    ]
      + verify.groups.map(\.stream).unique().flatMap { stream($0, view) }
      + verify.deadLetters.map { deadLetters($0, view) }
  }

  /// What needs Redis, when there is none.
  func skipped(because reason: String) -> [CheckResult] {
    let streams = verify.groups.map(\.stream).unique()
    return [RedisDurable.skip("redis", because: reason), RedisIntact.skip("redis", because: reason)]
      + streams.flatMap { [StreamExists.skip($0, because: reason), GroupOrphans.skip($0, because: reason)] }
      + verify.groups.flatMap { [GroupExists.skip($0.group, because: reason)] + skipped($0, because: reason) }
      + verify.deadLetters.map { DeadLetters.skip($0, because: reason) }
  }

  private func skipped(_ group: Manifest.ConsumerGroup, because reason: String) -> [CheckResult] {
    [
      GroupConsumers.skip(group.group, because: reason), GroupPending.skip(group.group, because: reason),
      GroupLag.skip(group.group, because: reason), StreamIntact.skip(group.group, because: reason),
    ]
  }

  // MARK: Streams and their groups

  private func stream(_ name: String, _ view: RedisView) -> [CheckResult] {
    let key = view.keys[name] ?? .failure(Unseen("it was not looked at"))
    let groups = verify.groups.filter { $0.stream == name }
    guard case .success(.stream(let stream)) = key else {
      let reason = "\(name) is not a stream that can be looked at"
      return [StreamExists.judge(name, key)]
        + groups.flatMap { [GroupExists.skip($0.group, because: reason)] + skipped($0, because: reason) }
        + [GroupOrphans.skip(name, because: "it is not a stream that can be looked at")]
    }
    // Nobody said how long an entry takes in groups that the manifest does not name.
    let orphans = GroupOrphans.judge(
      name, stream, named: Set(groups.map(\.group)), silence: silence * 10, before: baseline?.streams[name]?.others)
    return [StreamExists.judge(name, key)] + groups.flatMap { group($0, on: stream, readers: view.readers) } + [orphans]
  }

  private func group(_ wanted: Manifest.ConsumerGroup, on stream: StreamView, readers: Int?) -> [CheckResult] {
    let exists = GroupExists.judge(wanted, on: stream)
    guard let group = stream.group(wanted.group) else {
      return [exists] + skipped(wanted, because: "the group does not exist on \(wanted.stream)")
    }
    let before = baseline?.group(wanted)
    let over = movement(of: wanted)
    var isStart = false
    if case .start = moment { isStart = true }
    return [
      exists, GroupConsumers.judge(wanted, group, readers: readers, silence: silence),
      GroupPending.judge(wanted, group, silence: silence, over: over, before: before, bounded: !isStart),
      isStart ? nil : GroupLag.judge(wanted, group, length: stream.length, over: over, before: before),
      StreamIntact.judge(wanted, group, on: stream, before: before),
    ].compactMap { $0 }
  }

  private func movement(of wanted: Manifest.ConsumerGroup) -> GroupMovement? {
    guard case .end(let start, let window?) = moment,
      case .success(.stream(let stream))? = start.keys[wanted.stream], let group = stream.group(wanted.group)
    else { return nil }
    return GroupMovement(start: group, window: window)
  }

  // MARK: Dead letters

  private func deadLetters(_ stream: String, _ view: RedisView) -> CheckResult {
    let seen = view.deadLetters[stream] ?? .failure(Unseen("it was not looked at"))
    if let mark = baseline?.deadLetters[stream] {
      return DeadLetters.judge(stream, seen, since: mark, "since before the transaction", excuses: true)
    }
    if case .end(let start, let window) = moment {
      guard let mark = try? start.deadLetters[stream]?.get().mark else {
        return DeadLetters.fail(stream, "it could not be looked at when the window began")
      }
      return DeadLetters.judge(
        stream, seen, since: mark, "over \(window?.text ?? "the window")", excuses: baseline != nil)
    }
    // A stream that cannot be looked at, or is none, fails whatever it is compared with.
    let result = DeadLetters.judge(stream, seen, since: DeadLetterMark(last: .zero, moment: 0), "")
    return result.status == .fail
      ? result
      : DeadLetters.skip(stream, because: "there is no window (stable is 0) and no earlier look to compare with")
  }
}
