internal import Basics
internal import Deployment

/// The same probe written twice at once comes out exactly once, and the unit logs that it skipped the other copy.
enum DedupSkipped: Check {
  static let id = "dedup.skipped"

  static func items(of subject: VerificationSubject) -> [Manifest.Duplicates] {
    [subject.verify.duplicates].compactMap { $0 }
  }

  static func name(of wanted: Manifest.Duplicates) -> String { wanted.unit }

  static func severity(of wanted: Manifest.Duplicates, _ subject: VerificationSubject) -> Manifest.Severity {
    wanted.severity
  }

  static func look(
    at wanted: Manifest.Duplicates, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<ProofView, ProbeError>> {
    await run.duplicateProof(wanted)
  }

  static func judge(_ wanted: Manifest.Duplicates, _ proof: Result<ProofView, ProbeError>) -> CheckResult {
    let view: ProofView
    switch proof {
    case .success(let value): view = value
    case .failure(let error): return fail(wanted.unit, "the probe could not be made: \(error)")
    }
    let twin = view.twin
    let evidence: Evidence = [
      "probe": twin.evidence, "into": .string(wanted.into), "out": .string(wanted.out),
      "waited_seconds": .double(view.waited.inSeconds),
    ]
    if let unwatched = view.unwatched {
      return fail(wanted.unit, "\(wanted.out) could not be watched: \(unwatched)", evidence)
    }
    let written = "the same probe was written \(twin.copies) times to \(wanted.into)"
    switch twin.entries.count {
    case 1: break
    case 0:
      return fail(
        wanted.unit, "\(written); expected one entry in \(wanted.out), none came within \(view.waited.text)", evidence)
    case let count:
      return fail(wanted.unit, "\(written); expected one entry in \(wanted.out), \(count) came", evidence)
    }
    return skips(wanted, twin, written, evidence)
  }

  private static func skips(
    _ wanted: Manifest.Duplicates, _ twin: ProbeView, _ written: String, _ evidence: Evidence
  ) -> CheckResult {
    let due = twin.copies - 1
    switch twin.skips {
    case .failure(let error):
      return fail(
        wanted.unit, "\(written) and came out once, but the unit's log could not be searched: \(error)", evidence)
    case .success(let count) where count < due:
      return fail(
        wanted.unit,
        "\(written) and came out once; expected \(due) lines '\(wanted.log)' with trace_id \(twin.trace) of this run of"
          + " the unit, found \(count)", evidence)
    case .success(let count):
      return pass(
        wanted.unit, "\(twin.copies) times in, once out, \(count) × \(wanted.log) trace_id=\(twin.trace)", evidence)
    }
  }
}
