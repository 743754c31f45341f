internal import Basics
internal import Deployment

/// Pending entries are few, move, and belong to live consumers: a dead one never finishes what it holds. A consumer that
/// holds entries and has been silent for long counts as dead; so does an entry that its consumer leaves unsettled while it
/// goes on with others.
enum GroupPending: GroupCheck {
  static let id = "group.pending"

  /// The manifest's limit does not hold yet when the window begins.
  static func judge(_ wanted: Manifest.ConsumerGroup, _ seen: GroupObservation) -> CheckResult {
    let (group, silence, over, before) = (seen.group, seen.silence, seen.over, seen.before)
    let dead = group.consumers.filter { $0.pending > 0 && $0.idle > silence }
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "pending": .int(group.pending), "limit": .int(wanted.pending),
      "pending_before": .optional(over?.start.pending ?? before?.pending),
      "oldest": .optional(group.oldestPending?.description), "dead": .array(dead.prefix(20).map(\.evidence)),
    ]
    func verdict(excused: Bool, _ sentence: String) -> CheckResult {
      excused
        ? warn(wanted.group, "\(sentence); it was the same before the transaction", evidence)
        : fail(wanted.group, sentence, evidence)
    }
    if !dead.isEmpty {
      return verdict(
        excused: before.map { before in dead.allSatisfy { $0.pending <= before.held[$0.name] ?? 0 } } ?? false,
        onTheDead(dead))
    }
    if let old = group.longestPending, old.idle > silence {
      return verdict(
        excused: before.map { old.id <= $0.lastDelivered } ?? false,
        "entry \(old.id) was delivered to \(old.consumer) \(old.idle.text) ago, which goes on with others and does not"
          + " settle it; see its log")
    }
    if !seen.isStart, group.pending > wanted.pending {
      return verdict(
        excused: before.map { group.pending <= $0.pending } ?? false,
        "expected at most \(wanted.pending) pending, found \(group.pending): entries are read faster than they are"
          + " settled, or not acknowledged")
    }
    // What waits as well is group.lag's to report.
    if let over, over.isUnsettled(group), !over.isUnread(group) {
      return verdict(
        excused: before.map { $0.lastDelivered == group.lastDelivered && group.pending <= $0.pending } ?? false,
        "\(group.pending) pending, and none was settled in \(over.window.text), held by \(holders(group))")
    }
    return pass(wanted.group, "\(group.pending) pending of at most \(wanted.pending)", evidence)
  }

  private static func onTheDead(_ dead: [ConsumerView]) -> String {
    let names = dead.prefix(5).map { "\($0.name) holds \($0.pending), silent for \($0.idle.text)" }
    let rest = dead.count > 5 ? " and \(dead.count - 5) more" : ""
    return
      "entries are pending on consumers that do not settle them: \(names.joined(separator: "; "))\(rest); they stay"
      + " there until a live consumer claims them (XAUTOCLAIM)"
  }

  private static func holders(_ group: GroupView) -> String {
    let names = group.consumers.filter { $0.pending > 0 }.prefix(5).map { "\($0.name) (\($0.pending))" }
    return names.isEmpty ? "consumers unknown" : names.joined(separator: ", ")
  }
}
