internal import Basics
internal import Deployment
internal import EventBus
internal import Trading
internal import Verification

/// A message that lay somewhere for a month must not be acted on as if it were new.
///
/// A probe ends in the same way whether it is stale or not. So real decisions are written, of a market that is traded, and
/// only where no order can leave: in a throwaway machine, which has no network.
enum IntentStale: Row {
  static let id = "intent.stale"
  static let claim = "a decision that is a month old is not acted on"
  private static let filled = "FILLED"

  static func subjects(of manifest: Manifest) -> Subjects {
    guard case .each(let units) = Subjects.last(of: manifest) else { return .last(of: manifest) }
    guard manifest.verify.duplicates?.probe == .decision else {
      return .none(
        because: "what is stale is known of the decisions of the trading services alone; the manifest has its own probe"
      )
    }
    return .each(units)
  }

  static func prove(_ subject: String, on bench: Bench) async throws -> Verdict {
    let pipeline = try bench.pipeline()
    try bench.requireRunning(bench.pipelineUnits())
    let (trail, within) = (try Trail(bench), pipeline.wanted.within)
    let now = Timestamp.now()
    let fresh = try decision(at: now)
    let stale = try decision(at: Timestamp(seconds: now.seconds - 30 * 86_400, nanoseconds: now.nanoseconds))
    try bench.write([fresh, stale])
    let outcomes = try await trail.wait(for: [fresh.trace, stale.trace], within: within) { !$0.ends.isEmpty }
    guard let new = outcomes.first(where: { $0.trace == fresh.trace }),
      let old = outcomes.first(where: { $0.trace == stale.trace })
    else { return .skipped(because: "the decisions were not found again") }
    if let line = old.ends.first(where: { $0.contains(filled) }) {
      return .failed(
        "a decision of 30 days ago was written to \(pipeline.wanted.into), and acted on: \(line)",
        outcomes.evidence(old))
    }
    guard new.ends.contains(where: { $0.contains(filled) }) else {
      let end = new.ends.first.map { "it ended with: \($0)" } ?? "it did not end within \(within.text)"
      return .skipped(
        because:
          "even a new decision (trace_id=\(fresh.trace)) is not filled in the machine, so that a stale one is not"
          + " proves nothing; \(end)")
    }
    guard old.ends.count == 1, let line = old.ends.first else {
      return .failed(
        "a decision of 30 days ago (trace_id=\(stale.trace)) ended \(old.ends.count) times, expected once within \(within.text)",
        outcomes.evidence(old))
    }
    return .proved(
      "a decision of 30 days ago ended once, and one of now was filled beside it: \(line)", outcomes.evidence(old))
  }

  /// A decision as a producer writes one.
  private static func decision(at moment: Timestamp) throws -> ProbeEntry {
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
