internal import Basics
package import Deployment

/// What earlier looks have seen, and what a new one shows beside them: restarts, memory, groups that stand still or fall
/// behind, dead letters, and how long a decision takes. Bounded, whatever is watched and however long.
package struct Comparison: Sendable, Hashable, Codable {
  private var boot: String?
  private var units: [String: UnitCourse] = [:]
  private var groups: [String: GroupCourse] = [:]
  private var letters: [String: LetterCourse] = [:]
  private var paces: [String: Pace] = [:]

  /// Of the checks that a look may leave to comparison.
  static let deadLetters = "dead.letters"
  /// Of those that take as long as what they wait for: a probe's way through the pipeline, an answer over HTTP.
  private static let timed: Set = ["execution.terminal", "dedup.skipped", "http.status"]

  package init() {}

  /// Takes what a verification has measured before the first look, where one has.
  ///
  /// - Parameter earlier: of the watch before, which knows what was usual; `nil`: there was none, or it ended badly.
  package mutating func begin(with checks: [CheckResult], after earlier: Comparison? = nil) {
    paces = (earlier?.paces ?? [:]).mapValues(Pace.init(after:))
    measure(checks)
  }

  /// Adds a look.
  ///
  /// - Returns: what is wrong beside what came before, as failed checks of the ids `watch.…`.
  package mutating func add(_ look: Look, _ rules: LookRules) -> [CheckResult] {
    if boot != look.boot {
      // The clock begins anew, and all processes do.
      (units, groups) = ([:], [:])
      boot = look.boot
    }
    var findings: [CheckResult] = []
    for (name, sample) in look.units.sorted(by: { $0.key < $1.key }) {
      let found = units[name, default: UnitCourse()].add(sample, of: name, look, rules)
      findings += rules.lenient.contains(name) ? [] : found
    }
    findings += addGroups(look, rules)
    for check in look.checks where check.id == Self.deadLetters && !rules.lenient.contains(check.subject) {
      findings += letters[check.subject, default: LetterCourse()].add(check)
    }
    measure(look.checks)
    for check in Self.timed(look.checks) {
      guard let pace = paces[Self.key(check)], let last = pace.last, let fault = pace.fault(limit: rules.slow),
        !rules.lenient.contains(check.subject)
      else { continue }
      findings.append(
        .found(
          "watch.seconds", check.subject, "\(check.id) took \(Self.text(last)), \(fault.why)",
          ["seconds": .double(last), "usual": .double(fault.usual)]))
    }
    return findings
  }

  private mutating func measure(_ checks: [CheckResult]) {
    for check in Self.timed(checks) {
      guard let seconds = check.evidence["waited_seconds"]?.number ?? Self.plain(check) else { continue }
      paces[Self.key(check), default: Pace()].add(seconds)
    }
  }

  /// A probe is told once, by its end where the manifest says what that is.
  private static func timed(_ checks: [CheckResult]) -> [CheckResult] {
    let passed = checks.filter { timed.contains($0.id) && $0.status == .pass }
    return passed.contains { $0.id == "execution.terminal" } ? passed.filter { $0.id != "dedup.skipped" } : passed
  }

  /// A check of HTTP is as long as its answer, where it was not repeated over a window.
  private static func plain(_ check: CheckResult) -> Double? { check.id == "http.status" ? check.seconds : nil }

  private mutating func addGroups(_ look: Look, _ rules: LookRules) -> [CheckResult] {
    let pending = Dictionary(
      look.checks.filter { $0.id == "group.pending" }.map { (Self.key($0), $0.evidence["pending"]?.number) }
    ) { first, _ in first }
    return look.checks.filter { $0.id == "group.lag" }.flatMap { check -> [CheckResult] in
      let key = Self.key(check)
      let found = groups[key, default: GroupCourse()].add(check, pending: pending[key] ?? nil, look, rules)
      return rules.lenient.contains(check.subject) ? [] : found
    }
  }

  /// A group of the same name may be on several streams.
  private static func key(_ check: CheckResult) -> String {
    let stream = if case .string(let name)? = check.evidence["stream"] { name } else { "" }
    return check.subject + " " + (check.id.hasPrefix("group.") ? stream : check.id)
  }

  private static func text(_ seconds: Double) -> String { Duration.saturated(seconds: seconds).text }
}

extension CheckResult {
  static func found(_ id: String, _ subject: String, _ detail: String, _ evidence: [String: JSONValue]) -> CheckResult {
    CheckResult(id: id, subject: subject, status: .fail, detail: detail, evidence: evidence)
  }
}

extension JSONValue {
  var number: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }
}
