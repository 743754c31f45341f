internal import Basics
internal import Deployment

/// No new dead letters: what could not be processed did not become more since before the transaction, or over the
/// window.
///
/// Over a transaction, a stream that grew before warns, unless it grows more than twice as fast: whatever writes entries
/// that cannot be read, it is not the release.
enum DeadLetters: Check {
  static let id = "dead.letters"
  static let looksAgain = true

  struct Seen: Sendable {
    var view: Result<DeadLetterView, ProbeError>
    /// Entries behind this place are new.
    var mark: DeadLetterMark
    /// Since when they are new, as the end of a sentence.
    var when: String
    /// Whether a stream that grew before may go on growing.
    var excuses = false
  }

  static func items(of subject: VerificationSubject) -> [String] { subject.verify.deadLetters }

  static func severity(of stream: String, _ subject: VerificationSubject) -> Manifest.Severity {
    subject.verify.deadLetterSeverity[stream] ?? .fail
  }

  static func look(at stream: String, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    let baseline = run.subject.baseline
    let start = await run.redisView(.start)
    return await run.redisView(moment).flatMap { redis in
      let view = redis.deadLetters[stream] ?? .failure(ProbeError("it was not looked at"))
      if let mark = baseline?.deadLetters[stream] {
        return .seen(Seen(view: view, mark: mark, when: "since before the transaction", excuses: true))
      }
      if case .end = moment {
        guard case .seen(let start) = start, let mark = try? start.deadLetters[stream]?.get().mark else {
          let error = ProbeError("it could not be looked at when the window began")
          return .seen(Seen(view: .failure(error), mark: .start, when: ""))
        }
        let length = run.window.endedBecause == nil ? run.window.length.text : "the window"
        return .seen(Seen(view: view, mark: mark, when: "over \(length)", excuses: baseline != nil))
      }
      // A stream that cannot be looked at, or a key of another type, fails whatever it is compared with.
      if case .success(let view) = view, view.otherType == nil {
        if case .start = moment { return .later }
        return .skipped(because: "there is no window (stable is 0) and no earlier look to compare with")
      }
      return .seen(Seen(view: view, mark: .start, when: ""))
    }
  }

  static func judge(_ stream: String, _ seen: Seen) -> CheckResult {
    let (mark, when) = (seen.mark, seen.when)
    let view: DeadLetterView
    switch seen.view {
    case .success(let value): view = value
    case .failure(let error): return fail(stream, "it could not be looked at: \(error)")
    }
    if let type = view.otherType {
      return fail(
        stream, "expected a stream, the key is a \(type): another program uses that name", ["type": .string(type)])
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
    guard !seen.excuses || view.new.least > allowed(view, time / span) else {
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
    let share = Int(exactly: (Double(before) * part).rounded(.up)) ?? .max  // trap: a Double cannot overflow
    return before == 0 ? 0 : max(1, view.justBefore.least, share).multipliedSaturated(by: 2)
  }
}
