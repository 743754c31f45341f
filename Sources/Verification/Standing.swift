internal import Basics
package import Deployment
internal import EventBus
internal import Glibc
internal import Redis

/// How a consumer group stands at one moment, and what is wrong with it. What is not known is `nil`.
package struct GroupStanding: Sendable, Hashable {
  package var stream: String
  package var group: String
  /// Entries in the stream.
  package var length: Int?
  /// Entries that were delivered and not acknowledged.
  package var pending: Int?
  /// Entries that wait for their first delivery, counted.
  package var lag: Int?
  /// Whether there are more than were counted.
  package var lagIsLowest = false
  /// Seconds since the oldest pending entry was added.
  package var oldestPending: Int?
  /// Consumers that the group knows.
  package var consumers: Int?
  /// Consumers that were given something lately.
  package var active: Int?
  /// What is wrong, as the checks of `verify` say it; warnings are not among it.
  package var problems: [String] = []
}

/// A look at how things stand, for whoever wants to see them and not to prove them: no window, no probe. Blocks the
/// calling thread, in bounded time.
extension VerificationSubject {
  /// The units that are not as the manifest wants them, by name, with the result of the check.
  package func unitTroubles() -> [String: CheckResult] {
    let views = UnitView.look(at: units.map(\.name))
    return units.reduce(into: [:]) { troubles, unit in
      guard let view = views[unit.name] else { return }
      var result = UnitActive.judge(unit, UnitActive.Seen(view: view))
      if result.status == .fail, unit.severity == .warn { result.status = .warn }
      if result.status != .pass { troubles[unit.name] = result }
    }
  }

  /// The groups that the manifest names; empty where it names none.
  ///
  /// - Returns: why Redis could not be looked at, beside them.
  package func groupStandings() -> (groups: [GroupStanding], trouble: String?) {
    guard !verify.groups.isEmpty else { return ([], nil) }
    let options = VerificationOptions()
    do {
      let endpoint = try redisEndpoint()
      let view = try RedisView.look(at: endpoint, groups: verify.groups, patience: options.patience).get()
      return (verify.groups.map { GroupStanding($0, view) }, nil)
    } catch {
      let unknown = verify.groups.map { GroupStanding(stream: $0.stream, group: $0.group) }
      return (unknown, "Redis cannot be looked at: \(error)")
    }
  }
}

extension GroupStanding {
  init(_ wanted: Manifest.ConsumerGroup, _ view: RedisView) {
    self.init(stream: wanted.stream, group: wanted.group)
    guard case .success(.stream(let stream))? = view.keys[wanted.stream] else {
      add(wanted, StreamExists.judge(wanted.stream, view.keys[wanted.stream] ?? .success(.none)))
      return
    }
    length = stream.length
    guard let group = stream.group(wanted.group) else {
      add(wanted, GroupExists.judge(wanted, stream))
      return
    }
    var seen = GroupObservation(group, on: stream)
    seen.readers = view.readers
    pending = group.pending
    lag = group.waiting.least
    lagIsLowest = group.waiting.exact == nil
    oldestPending = group.oldestPending.map {
      max(0, time(nil).subtractingSaturated(Int(clamping: $0.milliseconds / 1000)))
    }
    consumers = group.consumers.count
    active = group.consumers.count { $0.idle <= seen.silence }
    for result in [
      GroupLag.judge(wanted, seen), GroupPending.judge(wanted, seen), GroupConsumers.judge(wanted, seen),
    ] { add(wanted, result) }
  }

  private mutating func add(_ wanted: Manifest.ConsumerGroup, _ result: CheckResult) {
    if result.status == .fail, wanted.severity == .fail { problems.append(result.detail) }
  }
}
