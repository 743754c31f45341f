internal import Basics
internal import Deployment

/// No more entries wait for their first delivery than the manifest allows, and they are being delivered.
enum GroupLag: GroupCheck {
  static let id = "group.lag"

  /// What piled up while the services were down may still be worked off, so that nothing is said before the end.
  static func look(
    at wanted: Manifest.ConsumerGroup, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<GroupObservation> {
    await run.group(wanted, moment).flatMap { $0.isStart ? .later : .seen($0) }
  }

  static func judge(_ wanted: Manifest.ConsumerGroup, _ seen: GroupObservation) -> CheckResult {
    let (group, over, before, length) = (seen.group, seen.over, seen.before, seen.stream.length)
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "lag": .optional(group.lag), "counted": .optional(group.waiting.exact),
      "counted_at_least": .int(group.waiting.least), "limit": .int(wanted.lag),
      "waiting_before": .optional(over?.start.waiting.least ?? before?.waiting),
      "last_delivered": .string("\(group.lastDelivered)"),
    ]
    if let over, over.isUnread(group) {
      return fail(
        wanted.group,
        "\(group.waiting.text) wait and none was delivered in \(over.window.text): the group is not read", evidence)
    }
    guard let waiting = waiting(group, length) else {
      if length <= wanted.lag {
        return pass(
          wanted.group, "lag unknown to Redis; the whole stream of \(length) is within \(wanted.lag)", evidence)
      }
      return fail(
        wanted.group,
        "expected at most \(wanted.lag) waiting; Redis does not know the lag, and \(group.waiting.text) were counted",
        evidence)
    }
    if waiting <= wanted.lag { return pass(wanted.group, "\(waiting) waiting of at most \(wanted.lag)", evidence) }
    let sentence = "expected at most \(wanted.lag) waiting, found \(waiting)"
    if let before, before.waiting > wanted.lag, waiting < before.waiting {
      return warn(wanted.group, "\(sentence); before the transaction they were \(before.waiting)", evidence)
    }
    return fail(wanted.group, "\(sentence): the group is not read, or slower than it is written", evidence)
  }

  /// What was counted is there; what Redis calls lag includes what was lost and may be null.
  private static func waiting(_ group: GroupView, _ length: Int) -> Int? {
    group.waiting.exact ?? group.lag.map { min($0, length) }
  }
}
