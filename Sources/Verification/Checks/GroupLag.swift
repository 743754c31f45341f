internal import Deployment

/// Not more entries wait for their first delivery than the manifest allows.
enum GroupLag: Check {
  static let id = "group.lag"

  static func judge(_ wanted: Manifest.ConsumerGroup, _ group: GroupView, length: Int) -> CheckResult {
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "lag": .optional(group.lag), "counted": .optional(group.waiting.exact),
      "counted_at_least": .int(group.waiting.least), "limit": .int(wanted.lag),
    ]
    // What was counted is there; what Redis calls lag includes what was lost and may be null.
    if let waiting = group.waiting.exact {
      return verdict(wanted, waiting, evidence)
    }
    if let lag = group.lag { return verdict(wanted, min(lag, length), evidence) }
    if length <= wanted.lag {
      return pass(
        wanted.group, "lag unknown to Redis; the whole stream of \(length) is within \(wanted.lag)", evidence)
    }
    return fail(
      wanted.group,
      "expected at most \(wanted.lag) waiting; Redis does not know the lag, and \(group.waiting.text) were counted",
      evidence)
  }

  private static func verdict(_ wanted: Manifest.ConsumerGroup, _ waiting: Int, _ evidence: Evidence) -> CheckResult {
    waiting <= wanted.lag
      ? pass(wanted.group, "\(waiting) waiting of at most \(wanted.lag)", evidence)
      : fail(
        wanted.group,
        "expected at most \(wanted.lag) waiting, found \(waiting): the group is not read, or slower than it is written",
        evidence)
  }
}
