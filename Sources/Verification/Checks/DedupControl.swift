internal import Basics
internal import Deployment

/// A probe that is not a duplicate comes out exactly once: a unit that skips everything is as broken as one that skips
/// nothing.
enum DedupControl: Check {
  static let id = "dedup.control"

  static func items(of subject: VerificationSubject) -> [Manifest.Duplicates] {
    [subject.verify.duplicates].compactMap { $0 }
  }

  static func name(of wanted: Manifest.Duplicates) -> String { wanted.unit }

  static func severity(of wanted: Manifest.Duplicates, _ subject: VerificationSubject) -> Manifest.Severity {
    wanted.severity
  }

  static func look(
    at wanted: Manifest.Duplicates, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<ProofView> {
    await run.duplicateProof(wanted).made
  }

  static func judge(_ wanted: Manifest.Duplicates, _ view: ProofView) -> CheckResult {
    let evidence: Evidence = [
      "probes": .array(view.controls.map(\.evidence)), "into": .string(wanted.into), "out": .string(wanted.out),
      "waited_seconds": .double(view.waited.inSeconds),
    ]
    if let unwatched = view.unwatched {
      return fail(wanted.unit, "\(wanted.out) could not be watched: \(unwatched)", evidence)
    }
    guard let wrong = view.controls.first(where: { $0.entries.count != 1 }) else {
      let traces = view.controls.map(\.trace).joined(separator: ", ")
      return view.controls.isEmpty
        ? fail(wanted.unit, "no control probe was written", evidence)
        : pass(wanted.unit, "once in, once out: trace_id=\(traces)", evidence)
    }
    let expected = "a new probe was written to \(wanted.into); expected one entry in \(wanted.out)"
    return wrong.entries.isEmpty
      ? fail(
        wanted.unit,
        "\(expected), none came within \(view.waited.text): it is not read, or taken for a duplicate (trace_id"
          + " \(wrong.trace))", evidence)
      : fail(
        wanted.unit,
        "\(expected), \(wrong.entries.count) came: it is published more than once (trace_id \(wrong.trace))",
        evidence)
  }
}
