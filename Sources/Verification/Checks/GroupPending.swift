internal import Deployment

/// What is pending is bounded, and belongs to consumers that live: a dead one never finishes what it holds. One that
/// holds entries and has been silent for long is dead or has given them up, which comes to the same.
enum GroupPending: Check {
  static let id = "group.pending"

  static func judge(_ wanted: Manifest.ConsumerGroup, _ group: GroupView, silence: Duration) -> CheckResult {
    let dead = group.consumers.filter { $0.pending > 0 && $0.idle > silence }
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "pending": .int(group.pending), "limit": .int(wanted.pending),
      "dead": .array(dead.prefix(20).map(\.evidence)),
    ]
    if !dead.isEmpty {
      let names = dead.prefix(5).map { "\($0.name) holds \($0.pending), silent for \($0.idle.text)" }
      let rest = dead.count > 5 ? " and \(dead.count - 5) more" : ""
      return fail(
        wanted.group,
        "entries are pending on consumers that do not settle them: \(names.joined(separator: "; "))\(rest); they stay"
          + " there until a living consumer claims them (XAUTOCLAIM)", evidence)
    }
    if group.pending > wanted.pending {
      return fail(
        wanted.group,
        "expected at most \(wanted.pending) pending, found \(group.pending): entries are read faster than they are"
          + " settled, or not acknowledged", evidence)
    }
    return pass(wanted.group, "\(group.pending) pending of at most \(wanted.pending)", evidence)
  }
}
