internal import Basics
package import Deployment
package import EventBus
package import Trading

/// A probe as it is written to the stream: a marked decision, of which `Trading.Probe` says why it can never become an
/// order, or what the manifest makes of it.
package struct ProbeEntry: Sendable, Equatable {
  /// Its own in every run.
  package var trace: String
  package var fields: [Field]

  package init(trace: String, fields: [Field]) {
    self.trace = trace
    self.fields = fields
  }

  private static let source = "qtctl"

  /// Probes that nobody wrote before, each with a timestamp of its own, so that none is taken for another's twin.
  ///
  /// - Parameter shape: `.off` makes none.
  package static func fresh(_ count: Int, _ shape: Manifest.ProbeShape = .decision) throws(MessageError) -> [ProbeEntry]
  {
    let now = Timestamp.now()
    var probes: [ProbeEntry] = []
    for index in 0..<count {
      let trace = "probe-" + Digits.hex((0..<16).map { _ in UInt8.random(in: .min ... .max) })
      // A timestamp is written to the microsecond.
      let later = now.nanoseconds + index * 1000
      let moment = Timestamp(seconds: now.seconds + Int64(later / 1_000_000_000), nanoseconds: later % 1_000_000_000)
      switch shape {
      case .off: break
      case .template(let fields):
        let filled = fields.map { Field($0.name, $0.filled(traceID: trace, timestamp: moment.text)) }
        probes.append(ProbeEntry(trace: trace, fields: filled))
      case .decision:
        let decision = try Probe.decision(traceID: trace, at: moment, source: source)
        probes.append(ProbeEntry(trace: trace, fields: decision.fields.map { Field($0.name, $0.value) }))
      }
    }
    return probes
  }
}

/// The outcome of one probe.
struct ProbeView: Sendable, Equatable {
  var trace: String
  /// How often it was written.
  var copies: Int
  /// Where it came out.
  var entries: [EntryID] = []
  /// How many lines said that a copy was skipped.
  var skips: Result<Int, ProbeError> = .success(0)
  /// How many lines told its end.
  var terminals: Result<Int, ProbeError> = .success(0)

  var evidence: JSONValue {
    .object([
      "trace_id": .string(trace), "copies": .int(copies), "entries": .array(entries.map { .string("\($0)") }),
      "skips": .optional(try? skips.get()), "terminals": .optional(try? terminals.get()),
    ])
  }
}

/// The outcome of all probes of one proof.
struct ProofView: Sendable, Equatable {
  /// Written twice at once, and once more at the end of a window.
  var twin: ProbeView
  /// Written once each; every one must pass.
  var controls: [ProbeView]
  /// How long was waited, counted from the first probe written.
  var waited: Duration
  /// Why what came out could not be watched to the end.
  var unwatched: ProbeError?

  var probes: [ProbeView] { [twin] + controls }
}
