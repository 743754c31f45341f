internal import Deployment
internal import FileOperations
internal import HostState

/// The checks: those that failed first, each with what was seen; those that passed are brought together.
enum CheckSection {
  private typealias Status = CheckResult.Status

  static func html(_ story: TransactionStory) -> HTML {
    var html = HTML.none
    if !story.failed.isEmpty {
      html += .element("h3", [:], .fixed("What failed"))
      html += list(story.failed, bytes: 256 << 10)
    }
    guard !story.checks.isEmpty else {
      return html.isEmpty ? .element("p", ["class": "dim"], .fixed("No check was run.")) : html
    }
    let isBack = story.entry.end == .undone || story.entry.end == .recovered
    if !html.isEmpty || isBack {
      html += .element("h3", [:], isBack ? .fixed("Of what is back") : .fixed("At the end"))
    }
    html += .element("p", ["class": "dim small"], .text(counts(story.checks)))
    let open = story.checks.filter { $0.status != .pass }.sorted { rank($0.status) < rank($1.status) }
    html += list(open, bytes: 256 << 10)
    let passed = story.checks.filter { $0.status == .pass }
    if !passed.isEmpty {
      html += .element(
        "details", passed.count <= 12 ? ["class": "passed", "open": ""] : ["class": "passed"],
        .element("summary", [:], .text(passed.count == 1 ? "1 check passed" : "\(passed.count) checks passed")),
        list(passed, bytes: 256 << 10))
    }
    return html
  }

  /// What wants a look comes first.
  private static func rank(_ status: Status) -> Int {
    switch status {
    case .fail: 0
    case .warn: 1
    case .skip: 2
    case .pass: 3
    }
  }

  private static func counts(_ checks: [CheckResult]) -> String {
    let words: [(Status, String)] = [(.fail, "failed"), (.warn, "warned"), (.skip, "skipped"), (.pass, "passed")]
    return words.map { status, word in (checks.count { $0.status == status }, word) }
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }

  private static func list(_ checks: [CheckResult], bytes: Int) -> HTML {
    guard !checks.isEmpty else { return .none }
    let (items, left) = Bounded.list(checks, most: 300, bytes: bytes, item)
    let rest = left > 0 ? HTML.element("p", ["class": "dim small"], .text("\(left) more are not shown.")) : .none
    return .element("ul", ["class": "checks"], items) + rest
  }

  private static func item(_ check: CheckResult) -> HTML {
    let head = HTML.element(
      "div", ["class": "head"], .element("b", ["class": "chip \(tone(check.status))"], .text(check.status.rawValue)),
      .element("code", [:], .text(Bounded.text(check.id, 100))),
      .element("span", [:], .text(Bounded.text(check.subject, 300))),
      .element("span", ["class": "took"], .text(Seconds.text(check.seconds))))
    return .element(
      "li", [:], head, .element("div", ["class": "small"], .text(Bounded.text(check.detail))), evidence(check))
  }

  private static func tone(_ status: Status) -> String {
    switch status {
    case .pass: "good"
    case .fail: "bad"
    case .warn: "careful"
    case .skip: "plain"
    }
  }

  private static func evidence(_ check: CheckResult) -> HTML {
    guard !check.evidence.isEmpty else { return .none }
    let pairs = check.evidence.sorted { $0.key < $1.key }
    let (items, left) = Bounded.list(pairs, most: 24, bytes: 16 << 10) { pair in
      .element("dt", [:], .text(Bounded.text(pair.key, 100)))
        + .element("dd", ["class": "mono"], .text(Bounded.text(pair.value.text, 600)))
    }
    let rest = left > 0 ? HTML.element("dt", [:], .text("and \(left) more")) : .none
    let isOpen = check.status == .fail
    return .element(
      "details", isOpen ? ["open": ""] : [:], .element("summary", [:], .fixed("evidence")),
      .element("dl", ["class": "evidence"], items, rest))
  }
}
