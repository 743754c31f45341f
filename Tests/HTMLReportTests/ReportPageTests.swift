import Deployment
import HostState
import Samples
import Testing

@testable import HTMLReport

@Suite("The page of a transaction")
struct ReportPageTests {
  /// What a log may hold.
  private static let hostile =
    "</pre></style><script>alert(1)</script>\"' onload=alert(2) x='<img src=x onerror=alert(3)>&lt;\u{202E}\u{1B}[31m\0<!--"

  @Test("tells what, who, when, why and how it ended, each step with its seconds, checks, changes and journal")
  func all() {
    let page = Markup(ReportPage.text(Stories.failed))
    #expect(page.faults.isEmpty, "\(page.faults)")
    for words in [
      "deploy of quantum: 41 (decade000000) → 42 (c0ffee000000)", "Failed and undone", "ada", "trade-1", "41.7 s",
      "2026-11-18", "reason given: new router", "exit 20", "the release was at fault", "stop quantum-execution.service",
      "2.1 s", "group.lag", "found 240", "lag", "+WORKERS=1", "secret, not shown", "status=1/FAILURE", "written/s",
    ] { #expect(page.text.contains(words), "\(words) is missing") }
  }

  @Test("says nothing twice: the reason stands above, what follows from it below")
  func once() {
    let page = Markup(ReportPage.text(Stories.failed)).text
    #expect(page.ranges(of: "not healthy: group.lag").count == 1, "\(page)")
    #expect(page.contains("Rolled back to release 41"))
  }

  @Test("shows what others wrote as text, wherever it stands")
  func hostileWords() {
    for path in [\TransactionStory.entry.name, \.entry.user, \.entry.command, \.host, \.version] {
      var story = Stories.failed
      story[keyPath: path] = Self.hostile
      Self.check(story)
    }
  }

  @Test("shows every list of words as text, too")
  func hostileLists() {
    var story = Stories.failed
    let bad = Self.hostile
    story.entry.reason = bad
    story.entry.evidence = bad
    story.entry.to = ReleaseIdentity(version: bad, digest: bad)
    story.message = bad
    story.steps += [StepResult(name: bad, status: .failed, seconds: .nan, detail: bad)]
    story.checks += [
      CheckResult(id: bad, subject: bad, status: .fail, detail: bad, evidence: [bad: .object([bad: .string(bad)])])
    ]
    story.failed += story.checks
    let group = GroupSample.Group(stream: bad, group: bad, waiting: 1, pending: .max)
    story.samples = [GroupSample(at: 1, groups: [group])]
    story.changes = TransactionStory.Changes([.init(sentence: bad, lines: [bad, "+" + bad])], remark: bad)
    story.journal = TransactionStory.Journal([bad, bad], remark: bad)
    story.gaps = [bad]
    Self.check(story)
  }

  private static func check(_ story: TransactionStory) {
    let source = ReportPage.text(story)
    let page = Markup(source)
    #expect(page.faults.isEmpty, "\(page.faults)")
    #expect(page.text.contains("<script>alert(1)</script>"))
    let hasControls = source.unicodeScalars.contains { ($0.value < 0x20 && $0 != "\n") || $0.value == 0x202E }
    #expect(!hasControls)
  }

  @Test("runs no script and loads nothing: its policy forbids both")
  func policy() {
    let page = ReportPage.text(Stories.failed)
    #expect(page.hasPrefix(ReportPage.mark))
    #expect(page.contains("content=\"default-src 'none';style-src 'unsafe-inline'\""))
    for word in ["<script", "javascript:", "url(", "@import", "http-equiv=\"refresh"] { #expect(!page.contains(word)) }
  }

  @Test("masks passwords in addresses, in every text")
  func passwords() {
    var story = Stories.failed
    let address = "redis://app:hunter2@10.0.0.7:6379/0"
    story.entry.command = "deploy . --redis \(address)"
    story.entry.reason = address
    story.message = address
    story.steps[0].detail = address
    // Cut in the middle of it.
    story.steps[1].detail = String(repeating: "x ", count: 490) + address
    story.checks[0].detail = address
    story.checks[0].evidence["address"] = .array([.object(["at": .string(address)])])
    story.changes.files[0].lines.append("+REDIS=\(address)")
    story.journal.lines.append("connected to \(address)")
    let page = ReportPage.text(story)
    #expect(!page.contains("hunter2") && page.contains("redis://app:***@10.0.0.7"))
  }

  @Test("is of bounded size whatever was recorded, and counts what it leaves out")
  func bounded() {
    var story = Stories.failed
    let long = String(repeating: "<&\u{202E}", count: 1000)
    story.message = Array(repeating: long, count: 100).joined(separator: "\n")
    story.steps = (0..<1000).map { StepResult(name: "\($0) \(long)", status: .done, seconds: 1, detail: long) }
    story.checks = (0..<1000).map { number in
      CheckResult(
        id: "c\(number)", subject: long, status: number % 2 == 0 ? .fail : .pass, detail: long,
        evidence: Dictionary(uniqueKeysWithValues: (0..<30).map { ("k\($0)", JSONValue.string(long)) }))
    }
    story.failed = story.checks
    story.changes = TransactionStory.Changes(
      (0..<500).map { .init(sentence: "f\($0) \(long)", lines: Array(repeating: long, count: 600)) })
    story.journal = TransactionStory.Journal((0..<5000).map { "\($0) \(long)" })
    story.samples = (0..<1000).map { at in
      GroupSample(
        at: Double(at),
        groups: (0..<50).map { number in
          GroupSample.Group(stream: "s\(number)", group: "<g>", waiting: at, pending: at, added: at)
        })
    }
    let source = ReportPage.text(story)
    #expect(source.utf8.count <= ReportPage.most, "\(source.utf8.count)")
    let page = Markup(source)
    #expect(page.faults.isEmpty, "\(page.faults)")
    for words in [
      "more steps are not shown", "more are not shown", "earlier lines", "more lines", "more files", "more groups",
    ] {
      #expect(page.text.contains(words), "\(words) is missing")
    }
  }

  @Test("of an older qtctl says in one line that no samples were recorded, and that the moments of steps are not known")
  func old() {
    var story = Stories.failed
    story.samples = nil
    for index in story.steps.indices { story.steps[index].at = nil }
    let page = Markup(ReportPage.text(story)).text
    #expect(page.contains("How the groups stood was not recorded"))
    #expect(page.contains("drawn one after the other") && !page.contains("NaN"))
    story.steps = []
    story.checks = []
    story.failed = []
    let empty = Markup(ReportPage.text(story))
    #expect(empty.faults.isEmpty && empty.text.contains("Its steps were not recorded"))
  }

  @Test(
    "is judged by how it ended",
    arguments: [
      (Outcome.deployed, Deployment.ExitStatus.done, "good"), (.rolledBack, .done, "good"),
      (.undone, .rolledBack, "careful"),
      (.failed, .unhealthy, "bad"), (.failed, .refused, "bad"), (.recovered, .recovered, "careful"),
      (.unverified, .done, "careful"),
    ])
  func tone(outcome: Outcome, exit: Deployment.ExitStatus, tone: String) {
    #expect(Verdict.tone(Stories.entry(outcome, exit: exit)) == tone)
  }
}
