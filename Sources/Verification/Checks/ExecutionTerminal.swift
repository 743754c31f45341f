internal import Basics
internal import Deployment

/// Every probe that came out reached its terminal state, once, in the unit that ends it.
enum ExecutionTerminal: Check {
  static let id = "execution.terminal"

  struct Item: Sendable {
    var terminal: Manifest.Terminal
    var wanted: Manifest.Duplicates
  }

  static func items(of subject: VerificationSubject) -> [Item] {
    guard let wanted = subject.verify.duplicates, let terminal = wanted.terminal else { return [] }
    return [Item(terminal: terminal, wanted: wanted)]
  }

  static func name(of item: Item) -> String { item.terminal.unit }

  static func severity(of item: Item, _ subject: VerificationSubject) -> Manifest.Severity { item.wanted.severity }

  static func look(at item: Item, _ moment: Moment, _ run: VerificationRun) async -> Observation<ProofView> {
    await run.duplicateProof(item.wanted).made
  }

  static func judge(_ item: Item, _ view: ProofView) -> CheckResult {
    let (terminal, wanted) = (item.terminal, item.wanted)
    let due = view.probes.filter { !$0.entries.isEmpty }
    guard !due.isEmpty else { return skip(terminal.unit, because: "no probe came out of \(wanted.out)") }
    let evidence: Evidence = [
      "probes": .array(due.map(\.evidence)), "waited_seconds": .double(view.waited.inSeconds),
    ]
    for probe in due {
      switch probe.terminals {
      case .success(1): continue
      case .failure(let error):
        return fail(terminal.unit, "the unit's log could not be searched: \(error)", evidence)
      case .success(0):
        return fail(
          terminal.unit,
          "expected a line '\(terminal.log)' with trace_id \(probe.trace) of this run of the unit, none came within"
            + " \(view.waited.text): entries of \(wanted.out) are not read, or get stuck", evidence)
      case .success(let count):
        return fail(
          terminal.unit,
          "expected one line '\(terminal.log)' with trace_id \(probe.trace), found \(count): it was settled more"
            + " than once", evidence)
      }
    }
    return pass(
      terminal.unit, "\(due.count) probes ended: \(due.map { "trace_id=\($0.trace)" }.joined(separator: ", "))",
      evidence)
  }
}
