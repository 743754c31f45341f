internal import Deployment

/// Every probe that came out reached its own end, once, in the unit that ends it.
enum ExecutionTerminal: Check {
  static let id = "execution.terminal"

  static func judge(_ terminal: Manifest.Terminal, _ wanted: Manifest.Duplicates, _ view: ProofView) -> CheckResult {
    let due = view.probes.filter { !$0.entries.isEmpty }
    guard !due.isEmpty else { return skip(terminal.unit, because: "no probe came out of \(wanted.out)") }
    let evidence: Evidence = [
      "probes": .array(due.map(\.evidence)), "waited_seconds": .double(view.waited.inSeconds),
    ]
    for probe in due {
      switch probe.terminals {
      case .success(1): continue
      case .failure(let unseen):
        return fail(terminal.unit, "the unit's log could not be searched: \(unseen)", evidence)
      case .success(0):
        return fail(
          terminal.unit,
          "expected a line '\(terminal.log)' with trace_id \(probe.trace) of this run of the unit, none came within"
            + " \(view.waited.text): entries of \(wanted.out) are not read, or get stuck", evidence)
      case .success(let count):
        return fail(
          terminal.unit,
          "expected one line '\(terminal.log)' with trace_id \(probe.trace), found \(count): it was settled more than"
            + " once", evidence)
      }
    }
    return pass(
      terminal.unit, "\(due.count) probes ended: \(due.map { "trace_id=\($0.trace)" }.joined(separator: ", "))",
      evidence)
  }
}
