package import Deployment

/// Decides what follows from look after look: nothing, an alarm, a rollback.
///
/// A look that finds something counts; one that finds nothing begins the count anew. What is not the release's doing (Redis is
/// away, a file was changed by hand) can raise the alarm, and never rolls back: the release before would have the same Redis,
/// and whoever changes files is at work.
package struct WatchCourse: Sendable, Hashable, Codable {
  package enum Action: Sendable, Hashable {
    case none, alarm, recovered, rollback
  }

  /// How many looks there were.
  package private(set) var looks = 0
  /// How many in a row found something.
  package private(set) var failing = 0
  /// Of those, how many in a row found nothing of the host's.
  private var ofRelease = 0
  /// Whether a lasting failure was told and is not over.
  package private(set) var isAlarmed = false
  /// What the last look found, in sentences; at most ``most`` of them.
  package private(set) var failures: [String] = []

  private static let most = 20
  private static let longest = 500

  package init() {}

  package mutating func take(_ findings: [CheckResult], failures most: Int, response: WatchResponse) -> Action {
    looks += 1
    failures = findings.prefix(Self.most).map { String("\($0.id) \($0.subject): \($0.detail)".prefix(Self.longest)) }
    guard !findings.isEmpty else {
      (failing, ofRelease) = (0, 0)
      defer { isAlarmed = false }
      return isAlarmed ? .recovered : .none
    }
    failing += 1
    let isOfHost = findings.contains { Self.isOfHost($0) }
    ofRelease = isOfHost ? 0 : ofRelease + 1
    if response == .rollback, !isOfHost { return ofRelease >= most ? .rollback : .none }
    guard failing >= most, !isAlarmed else { return .none }
    isAlarmed = true
    return .alarm
  }

  /// Whether another release would find the same.
  package static func isOfHost(_ finding: CheckResult) -> Bool {
    finding.id.hasPrefix("redis.") || finding.id == "files.match" || finding.id == "stream.exists"
  }

  /// What a verification and the comparison have found, each thing once.
  package static func findings(_ checks: [CheckResult], _ compared: [CheckResult]) -> [CheckResult] {
    // Letters are counted from look to look; that they cannot be counted is for the check to say.
    let failed = checks.filter { check in
      check.status == .fail && !(check.id == Comparison.deadLetters && check.evidence["new"] != nil)
    }
    return failed + compared
  }
}
