internal import Basics
internal import Deployment
internal import EventBus
internal import Trading
internal import Verification

/// A message that lay somewhere for a month must not be acted on as if it were new.
///
/// A probe of the trading services ends in the same way whether it is stale or not. So real decisions are written, of a
/// market that is traded, and only where no order can leave: in a throwaway machine, which has no network. For another
/// pipeline its own probe will do, with what its manifest says of the end of a stale one.
enum IntentStale: Row {
  static let id = "intent.stale"
  static let claim = "a message that is a month old is not acted on"

  static func subjects(of manifest: Manifest) -> Subjects {
    guard case .each(let units) = Subjects.last(of: manifest), let wanted = manifest.verify.duplicates else {
      return .last(of: manifest)
    }
    guard case .template(let fields) = wanted.probe else { return .each(units) }
    guard wanted.terminal?.stale != nil else {
      return .none(
        because: "the manifest does not say how a stale message ends (verify.duplicates.terminal.stale)")
    }
    guard fields.contains(where: { $0.named.contains("timestamp") }) else {
      return .none(because: "the manifest's probe has no ${timestamp}, so that none can be stale")
    }
    return .each(units)
  }

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let pipeline = try bench.pipeline()
    try bench.requireRunning(bench.pipelineUnits())
    let (trail, within) = (try Trail(bench), pipeline.wanted.within)
    let now = Timestamp.now()
    let messages =
      try message(at: now, pipeline)
      + message(at: Timestamp(seconds: now.seconds - 30 * 86_400, nanoseconds: now.nanoseconds), pipeline)
    try bench.write(messages)
    let outcomes = try await trail.wait(for: messages.map(\.trace), within: within) { !$0.ends.isEmpty }
    guard outcomes.count == 2, let new = outcomes.first, let old = outcomes.last else {
      return .skipped(because: "the messages were not found again")
    }
    return judge(new, old, outcomes.evidence(old), pipeline)
  }

  private static func judge(
    _ new: MessageOutcome, _ old: MessageOutcome, _ evidence: Verdict.Evidence, _ pipeline: Pipeline
  ) -> Verdict {
    let within = pipeline.wanted.within.text
    func isActedOn(_ line: String) -> Bool {
      pipeline.wanted.terminal?.stale.map { !line.contains($0) } ?? line.contains("FILLED")
    }
    if let line = old.ends.first(where: isActedOn) {
      return .failed(
        "a message of 30 days ago was written to \(pipeline.wanted.into), and acted on: \(line)", evidence)
    }
    guard new.ends.contains(where: isActedOn) else {
      let end = new.ends.first.map { "it ended with: \($0)" } ?? "it did not end within \(within)"
      return .skipped(
        because: "even a new message (trace_id=\(new.trace)) is not acted on in the machine, so that a stale one is not"
          + " proves nothing; \(end)")
    }
    guard old.ends.count == 1, let line = old.ends.first else {
      return .failed(
        "a message of 30 days ago (trace_id=\(old.trace)) ended \(old.ends.count) times, expected once within \(within)",
        evidence)
    }
    return .proved("a message of 30 days ago ended once, and one of now was acted on beside it: \(line)", evidence)
  }

  /// A probe of the manifest's own, or a decision.
  private static func message(at moment: Timestamp, _ pipeline: Pipeline) throws -> [ProbeEntry] {
    guard pipeline.wanted.probe == .decision else {
      return try ProbeEntry.fresh(1, pipeline.wanted.probe, at: moment)
    }
    return [decision(at: moment)]
  }

  /// A decision as a producer writes one.
  private static func decision(at moment: Timestamp) -> ProbeEntry {
    let trace = "prove-" + Digits.hex((0..<16).map { _ in UInt8.random(in: .min ... .max) })
    let payload = """
      {"symbol": "BTCUSDT", "side": "buy", "confidence": 0.9, "entry_price": 50000.0, "quantity": 100.0, "leverage": 1, \
      "stop_loss": 49000.0, "take_profit": 52000.0, "timestamp": "\(moment.text)", "model": "qtctl-prove"}
      """
    let fields = [
      Field("event_type", Names.EventType.decision), Field("payload", payload), Field("trace_id", trace),
      Field("correlation_id", trace), Field("timestamp", moment.text), Field("source", "qtctl-prove"),
    ]
    return ProbeEntry(trace: trace, fields: fields)
  }
}
