internal import Deployment

/// Nothing new is buried: what could not be processed did not become more since before the transaction, or over the
/// window.
///
/// Over a transaction, a stream that grew before warns, unless it grows more than twice as fast: whatever writes what
/// cannot be read, it is not the release.
enum DeadLetters: Check {
  static let id = "dead.letters"

  /// - Parameter excuses: whether what grew before may go on to.
  static func judge(
    _ stream: String, _ seen: Result<DeadLetterView, Unseen>, since mark: DeadLetterMark, _ when: String,
    excuses: Bool = false
  ) -> CheckResult {
    let view: DeadLetterView
    switch seen {
    case .success(let value): view = value
    case .failure(let unseen): return fail(stream, "it could not be looked at: \(unseen)")
    }
    if let type = view.otherType {
      return fail(
        stream, "expected a stream, the key is a \(type): some other program uses the name", ["type": .string(type)])
    }
    let time = Duration.milliseconds(max(0, view.mark.moment - mark.moment))
    let span = max(time, DeadLetterScript.memory)
    let evidence: Evidence = [
      "new": .int(view.new.least), "seconds": .double(time.inSeconds), "before": .int(view.before.least),
      "before_seconds": .double(span.inSeconds), "last": .string("\(view.mark.last)"), "reason": .optional(view.reason),
      "source": .optional(view.source),
    ]
    guard view.new.least > 0 else { return pass(stream, "none new \(when)", evidence) }
    let newest = [view.reason.map { "'\($0)'" }, view.source.map { "from \($0)" }].compactMap { $0 }
    let sentence =
      "\(view.new.text) new \(when)" + (newest.isEmpty ? "" : ", the newest: \(newest.joined(separator: " "))")
    guard !excuses || view.new.least > allowed(view, time / span) else {
      return warn(
        stream, "\(sentence); it grew before too, by \(view.before.text) in \(span.text)", evidence)
    }
    return fail(
      stream, "expected none, \(sentence); look at them: redis-cli XREVRANGE \(stream) + - COUNT 5", evidence)
  }

  /// How many may come in this part of the time in which was looked back: twice as many as before, be it spread over all
  /// of it or just now.
  private static func allowed(_ view: DeadLetterView, _ part: Double) -> Int {
    let before = view.before.least
    return before == 0 ? 0 : 2 * max(1, view.justBefore.least, Int((Double(before) * part).rounded(.up)))
  }
}
