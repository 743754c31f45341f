internal import Basics
internal import Deployment

/// One unit over the looks.
struct UnitCourse: Sendable, Hashable, Codable {
  private var run: String?
  private var memory = Growth()
  private var restarts = RestartCount()

  mutating func add(_ sample: UnitSample, of unit: String, _ look: Look, _ rules: LookRules) -> [CheckResult] {
    var findings: [CheckResult] = []
    if let count = sample.restarts {
      let (new, lately) = restarts.add(count, at: look.at, every: rules.every)
      if new > 0 || lately >= rules.failures {
        let often =
          lately > new ? ", \(lately) times within \(Int(RestartCount.looks)) looks" : new == 1 ? "" : ", \(new) times"
        findings.append(
          .found(
            "watch.restarts", unit, "systemd has restarted it\(often); see its log: qtctl logs \(ShellWord.of(unit))",
            ["new": .int(new), "lately": .int(lately)]))
      }
    }
    if run != sample.run {
      memory = Growth()
      run = sample.run
    }
    guard let bytes = sample.memory, let ceiling = sample.ceiling else { return findings }
    memory.add(Double(bytes), at: look.at)
    let usual = rules.usualMemory[unit]
    if let verdict = memory.endless(below: Double(ceiling), every: rules.every, usual: usual.map(Double.init)) {
      let grown = ByteCount.text(Int(exactly: verdict.grown.rounded()) ?? bytes)
      findings.append(
        .found(
          "watch.memory", unit,
          "its memory grows without end: by \(grown) in \(Self.text(verdict.span)) to \(ByteCount.text(bytes)); at this pace "
            + "it reaches the \(ByteCount.text(ceiling)) that it can have in \(Self.text(verdict.left)); see its log: "
            + "qtctl logs \(ShellWord.of(unit))",
          ["bytes": .int(bytes), "ceiling": .int(ceiling), "usual": .optional(usual)]))
    }
    return findings
  }

  private static func text(_ seconds: Int) -> String { Duration.saturated(seconds: Double(seconds)).text }
}

/// One consumer group over the looks.
struct GroupCourse: Sendable, Hashable, Codable {
  private struct Standing: Sendable, Hashable, Codable {
    var delivered: String
    var waiting: Double
    var pending: Double?
    var at: Int
  }

  private var last: Standing?
  private var lag = Growth()

  /// - Parameter check: the result of `group.lag`.
  mutating func add(_ check: CheckResult, pending: Double?, _ look: Look, _ rules: LookRules) -> [CheckResult] {
    guard case .string(let delivered)? = check.evidence["last_delivered"],
      let waiting = check.evidence["counted_at_least"]?.number
    else { return [] }
    let before = last
    let now = Standing(delivered: delivered, waiting: waiting, pending: pending, at: look.at)
    last = now
    lag.add(waiting, at: look.at)
    // What the check itself reports is not told twice.
    guard check.status != .fail else { return [] }
    if let before, before.waiting > 0, waiting > 0, before.delivered == delivered, before.pending == pending {
      let since = Duration.saturated(seconds: Double(look.at.subtractingSaturated(before.at))).text
      return [
        .found(
          "watch.group", check.subject,
          "\(Int(exactly: waiting) ?? 0) wait and none was delivered in \(since): the group is not read",
          ["waiting": .double(waiting), "last_delivered": .string(delivered)])
      ]
    }
    guard let limit = check.evidence["limit"]?.number,
      let verdict = lag.endless(below: limit, every: rules.every)
    else { return [] }
    let left = Duration.saturated(seconds: Double(verdict.left)).text
    return [
      .found(
        "watch.group", check.subject,
        "it falls behind: \(Int(exactly: waiting) ?? 0) wait, \(Int(exactly: limit) ?? 0) are allowed, and at this pace they "
          + "are reached in \(left)", ["waiting": .double(waiting), "limit": .double(limit)])
    ]
  }
}

/// One stream of dead letters over the looks.
struct LetterCourse: Sendable, Hashable, Codable {
  /// Letters a second before the release; `nil`: not known yet.
  private var usual: Double?

  /// - Parameter check: the result of `dead.letters`, counted since the look before.
  mutating func add(_ check: CheckResult) -> [CheckResult] {
    guard let new = check.evidence["new"]?.number, let seconds = check.evidence["seconds"]?.number,
      let before = check.evidence["before"]?.number, let span = check.evidence["before_seconds"]?.number, span > 0
    else { return [] }
    let pace = usual ?? before / span
    usual = pace
    // Twice as many as before the release may come, and where there were none, none.
    let allowed = pace > 0 ? max(2, (pace * seconds * 2).rounded(.up)) : 0
    guard new > allowed else { return [] }
    return [
      .found(
        "watch.letters", check.subject,
        "\(Int(exactly: new) ?? 0) new since the last look, at most \(Int(exactly: allowed) ?? 0) expected by what came before "
          + "the watch; look at them: redis-cli XREVRANGE \(check.subject) + - COUNT 5",
        ["new": .double(new), "allowed": .double(allowed)])
    ]
  }
}
