import Deployment
import HostState
import HTMLReport
import Samples

/// Transactions to be told.
enum Stories {
  static let release = ReleaseIdentity(version: "42", digest: "c0ffee".padded)
  static let before = ReleaseIdentity(version: "41", digest: "decade".padded)

  static func entry(
    _ outcome: Outcome = .undone, exit: ExitStatus = .rolledBack, reason: String? = nil, evidence: String? = nil
  ) -> HistoryEntry {
    HistoryEntry(
      name: "quantum", command: "deploy /srv/releases/42 --reason 'new router'", outcome: outcome,
      stamp: Stamp(seconds: 1_795_000_000), from: before, to: release, user: "ada", reason: reason,
      started: 1_795_000_003, seconds: 41.7, exit: exit.rawValue, fault: .content, evidence: evidence)
  }

  /// A deploy that failed, with all that is known of one.
  static var failed: TransactionStory {
    var story = TransactionStory(
      entry: entry(
        reason: "not healthy: group.lag quantum:group:router: expected at most 10 waiting, found 240\n"
          + "reason given: new router", evidence: "/var/lib/qtctl/evidence/20261118_110640"),
      host: "trade-1", written: 1_795_000_400, version: "2.0.0")
    story.message =
      "'deploy /srv/releases/42' failed: not healthy: group.lag quantum:group:router: expected at most 10 waiting, found "
      + "240\nLast lines of quantum-ai-strategy-router.service:\n  cannot read decision: price is not a number\n"
      + "Logs and diff: /var/lib/qtctl/evidence/20261118_110640\nRolled back to release 41 (decade), verified healthy"
    story.steps = steps
    story.failed = [
      CheckResult(
        id: "group.lag", subject: "quantum:group:router:ai.decision.made", status: .fail,
        detail: "expected at most 10 waiting, found 240: the group is not read, or slower than it is written",
        evidence: ["lag": .int(240), "limit": .int(10), "stream": .string("quantum:stream:ai.decision.made")],
        seconds: 15.2)
    ]
    story.checks = checks
    story.samples = samples
    story.changes = TransactionStory.Changes(
      text: """
        /etc/quantum/router.env: content 5f2a → 91bc, size 120 → 131
          --- /etc/quantum/router.env before
          +++ /etc/quantum/router.env of the release
          @@ -1,3 +1,3 @@
           SYMBOLS=BTCUSDT,ETHUSDT
          -WORKERS=4
          +WORKERS=1
        /etc/quantum/exchange.key: content changed (secret, not shown)
        /usr/local/bin/quantum-ai-strategy-router: content 8c11 → 77aa, size 9120344 → 9120980

        """, remark: "Kept when it failed.")
    story.journal = TransactionStory.Journal(
      (0..<40).map { "2026-11-18 11:06:\(10 + $0).123456Z quantum-router.service[812]: decision \($0) routed" }
        + ["2026-11-18 11:07:02.000001Z systemd: quantum-router.service: Main process exited, status=1/FAILURE"])
    return story
  }

  private static var steps: [StepResult] {
    var (steps, clock) = ([StepResult](), 0.0)
    func add(_ name: String, _ seconds: Double, _ status: StepResult.Status = .done, _ detail: String = "") {
      var step = StepResult(name: name, status: status, seconds: seconds, detail: detail)
      step.at = clock
      steps.append(step)
      clock += seconds
    }
    add("plan", 0.4, .done, "41 → 42: 3 files, 2 units")
    add("preflight", 1.3)
    add("back up", 0.8, .done, "backup 20261118_110640")
    add("stage", 0.6, .done, "3 files, 9121199 bytes beside their targets")
    add("stop quantum-execution.service", 2.1, .done, "a file of it changes")
    add("stop quantum-ai-strategy-router.service", 3.4, .done, "a file of it changes")
    for file in ["/usr/local/bin/quantum-ai-strategy-router", "/etc/quantum/router.env", "/etc/quantum/exchange.key"] {
      add("install \(file)", 0.01, .done, "it differs")
    }
    add("start quantum-ai-strategy-router.service", 1.2)
    add("start quantum-execution.service", 1.1)
    add("verify", 15.2, .failed, "1 of 9 checks failed")
    add("keep evidence", 0.5, .done, "/var/lib/qtctl/evidence/20261118_110640")
    add("go back", 0, .done, "not healthy")
    add("stop quantum-ai-strategy-router.service", 2.0)
    add("install /usr/local/bin/quantum-ai-strategy-router", 0.01)
    add("start quantum-ai-strategy-router.service", 1.0)
    add("verify", 12.0, .done, "9 checks")
    return steps
  }

  private static var checks: [CheckResult] {
    [
      CheckResult(
        id: "unit.active", subject: "quantum-ai-strategy-router.service", status: .pass, detail: "active (running)",
        evidence: ["pid": .int(812), "since": .string("2026-11-18 11:07:20Z")], seconds: 0.01),
      CheckResult(
        id: "unit.stable", subject: "quantum-execution.service", status: .pass, detail: "one run for 12 s", seconds: 12),
      CheckResult(
        id: "http", subject: "http://127.0.0.1:8080/health", status: .warn, detail: "answered 200 after 4 s, slow",
        seconds: 4),
      CheckResult(
        id: "redis.durable", subject: "127.0.0.1:6379", status: .skip, detail: "not checked: it was switched off"),
    ]
  }

  private static var samples: [GroupSample] {
    func sample(_ at: Double, _ waiting: Int, _ pending: Int, _ added: Int, _ read: Int) -> GroupSample {
      GroupSample(
        at: at,
        groups: [
          GroupSample.Group(
            stream: "quantum:stream:ai.decision.made", group: "quantum:group:router:ai.decision.made", waiting: waiting,
            pending: pending, added: added, read: read)
        ])
    }
    let during = (0...15).map { second in
      sample(10.9 + Double(second), 60 + second * 12, 4, 5100 + second * 12, 5040)
    }
    let after = (0...12).map { second in
      sample(29.6 + Double(second), max(0, 260 - second * 40), second % 3, 5330 + second * 12, 5070 + second * 52)
    }
    return [sample(1.7, 2, 3, 5000, 4998), sample(3.0, 1, 2, 5016, 5015)] + during + after
  }
}

extension String {
  fileprivate var padded: String { self + String(repeating: "0", count: 64 - count) }
}
