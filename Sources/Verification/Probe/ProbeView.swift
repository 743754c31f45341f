internal import Deployment

/// What became of one probe.
struct ProbeView: Sendable, Equatable {
  var trace: String
  /// How often it was written.
  var copies: Int
  /// Where it came out.
  var entries: [EntryID] = []
  /// How many lines said that a copy was skipped.
  var skips: Result<Int, Unseen> = .success(0)
  /// How many lines told its end.
  var terminals: Result<Int, Unseen> = .success(0)

  var evidence: JSONValue {
    .object([
      "trace_id": .string(trace), "copies": .int(copies), "entries": .array(entries.map { .string("\($0)") }),
      "skips": .optional(try? skips.get()), "terminals": .optional(try? terminals.get()),
    ])
  }
}

/// What became of all probes of one proof.
struct ProofView: Sendable, Equatable {
  /// Written twice at once, and once more at the end of a window.
  var twin: ProbeView
  /// Written once each; every one must pass.
  var controls: [ProbeView]
  /// How long was waited, counted from the first probe written.
  var waited: Duration
  /// Why what came out could not be watched to the end.
  var unwatched: Unseen?

  var probes: [ProbeView] { [twin] + controls }
}
