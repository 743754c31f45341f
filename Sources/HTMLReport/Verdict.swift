internal import Basics
internal import Deployment
internal import HostState

/// What is said first: what it was, how it ended, when, by whom and why.
enum Verdict {
  static func html(_ story: TransactionStory) -> HTML {
    let entry = story.entry
    var box = HTML.element("p", ["class": "end"], .text(end(entry)))
    box += .element("h1", [:], .text(Bounded.text(title(entry), 400)))
    for line in why(entry) { box += .element("p", [:], .text(line)) }
    let said = lines(story.message ?? "", most: 40).filter { !isSaid($0, in: entry) }
    if !said.isEmpty { box += .element("pre", [:], .text(said.joined(separator: "\n"))) }
    return .element("header", ["class": "verdict \(tone(entry))"], box) + facts(story)
  }

  /// Colour is not all: the words say it too.
  static func tone(_ entry: HistoryEntry) -> String {
    switch entry.end {
    case .failed: "bad"
    case .undone, .recovered, .unverified, .refused, .differs: "careful"
    case .rolledBack: entry.exit == ExitStatus.done.rawValue ? "good" : "careful"
    default: entry.exit == ExitStatus.done.rawValue ? "good" : "bad"
    }
  }

  /// How it ended, in words.
  static func end(_ entry: HistoryEntry) -> String {
    switch entry.end {
    case .deployed: "Deployed and verified"
    case .unchanged: "Nothing differed; verified"
    case .rolledBack: entry.exit == ExitStatus.done.rawValue ? "Rolled back and verified" : "Rolled back"
    case .undone: "Failed and undone: the state before is back, verified healthy"
    case .recovered: "Interrupted and undone: the state before is back"
    case .unverified: "Done, not verified"
    case .failed:
      entry.exit == ExitStatus.unhealthy.rawValue
        ? "Failed: the host is not verified healthy" : "Failed; nothing that runs was touched"
    case .backedUp: "Backed up"
    default: entry.end.rawValue.prefix(1).uppercased() + entry.end.rawValue.dropFirst()
    }
  }

  static func title(_ entry: HistoryEntry) -> String {
    let course = [entry.from, entry.to].compactMap { $0?.description }.joined(separator: " → ")
    return "\(entry.verb) of \(entry.name)" + (course.isEmpty ? "" : ": \(course)")
  }

  private static func why(_ entry: HistoryEntry) -> [String] { lines(entry.reason ?? "", most: 20) }

  /// The message repeats the reason, behind the command that failed.
  private static func isSaid(_ line: String, in entry: HistoryEntry) -> Bool {
    why(entry).contains { line == $0 || line.hasSuffix(" failed: \($0)") }
  }

  private static func lines(_ text: String, most: Int) -> [String] {
    let all = text.split(whereSeparator: \.isNewline)
    let rest = all.count > most ? ["… \(all.count - most) more lines"] : []
    return all.prefix(most).map { Bounded.text(String($0)) } + rest
  }

  private static func facts(_ story: TransactionStory) -> HTML {
    let entry = story.entry
    let fault = entry.fault == .content ? "the release was at fault" : nil
    let evidence = entry.evidence.map { "kept in \($0)" }
    let facts: [(title: StaticString, value: String?, isWide: Bool)] = [
      ("When", UTC.text(entry.started), false),
      ("Took", Seconds.text(entry.seconds), false),
      ("Who", entry.user, false),
      ("Host", story.host, false),
      ("Outcome", "\(entry.end.rawValue), exit \(entry.exit)" + (fault.map { "; \($0)" } ?? ""), true),
      ("Command", "qtctl \(entry.command)", true),
      ("Backup taken before", entry.stamp.map { "\($0)" }, false),
      ("Put it back with", backCommand(entry), true),
      ("Evidence", evidence, true),
    ]
    let list = facts.map { fact in
      guard let value = fact.value else { return HTML.none }
      return .element(
        "div", ["class": fact.isWide ? "wide" : ""], .element("dt", [:], .fixed(fact.title)),
        .element("dd", [:], .text(Bounded.text(value, 600))))
    }
    return .element("dl", ["class": "facts"], list.joined)
  }

  /// Only where what was taken before is not what runs already.
  private static func backCommand(_ entry: HistoryEntry) -> String? {
    guard entry.end == .deployed || entry.end == .rolledBack || entry.end == .unverified, let stamp = entry.stamp else {
      return nil
    }
    return "qtctl rollback \(stamp) --name \(entry.name)"
  }
}

/// Seconds as a person reads them.
enum Seconds {
  static func text(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    return Duration.milliseconds(Int64(exactly: (seconds * 1000).rounded()) ?? 0).text  // trap: of doubles
  }
}
