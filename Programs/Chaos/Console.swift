import Glibc

/// What a person sees: a progress line on a terminal that is written over, and else one now and then.
final class Console {
  private let isTerminal = isatty(STDOUT_FILENO) == 1
  private var due = ContinuousClock.now
  private var hasProgress = false

  /// Whether it is time for another progress line.
  var isDue: Bool { due <= .now }

  func progress(_ text: String) {
    due = .now + (isTerminal ? .milliseconds(500) : .seconds(10))
    if isTerminal { print("\r\u{1B}[K\(text)", terminator: "") } else { print(text) }
    hasProgress = isTerminal
    fflush(nil)
  }

  func say(_ text: String) {
    if hasProgress { print("") }
    hasProgress = false
    print(text)
    fflush(nil)
  }

  func table(_ verdict: Verdict) {
    let width = verdict.rows.map(\.promise.count).max() ?? 0
    for row in verdict.rows {
      let promise = row.promise + String(repeating: " ", count: width - row.promise.count)
      say("  \(row.broken.isEmpty ? "kept  " : "BROKEN")  \(promise)  \(row.found)")
      for broken in row.broken.prefix(5) { say("            \(broken)") }
      if row.broken.count > 5 { say("            and \(row.broken.count - 5) more") }
    }
    say(verdict.isGood ? "every promise was kept" : "a promise was BROKEN")
  }
}
