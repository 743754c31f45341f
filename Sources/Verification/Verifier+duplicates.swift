internal import Basics
internal import Deployment
internal import Glibc
internal import Redis

extension Verifier {
  func checkDuplicates(
    _ endpoint: Endpoint, _ units: [String: Result<UnitView, Unseen>], _ report: Report, _ window: Window
  ) async {
    guard let wanted = subject.verify.duplicates else { return }
    guard options.probe else {
      return skipDuplicates(report, because: "the probe is switched off; that duplicates are skipped is not proved")
    }
    guard wanted.probe != .off else {
      return skipDuplicates(
        report,
        because: "the manifest switches the probe off (verify.duplicates.probe); that duplicates are skipped and that"
          + " anything else passes is not proved")
    }
    // A probe into a pipeline that stands still proves nothing new, costs its whole deadline and stays in the stream.
    for unit in [wanted.unit, wanted.terminal?.unit].compactMap({ $0 }) {
      if case .success(let view)? = units[unit], !view.isActive {
        return skipDuplicates(report, because: "\(unit) is not active")
      }
    }
    let logs = await BlockingThread.run { marks(of: wanted, units) }
    let proof = DuplicateProof(wanted: wanted, endpoint: endpoint, patience: options.patience, logs: logs)
    let seen = await proof.run(window: window)
    report(DedupSkipped.judge(wanted, seen))
    guard case .success(let view) = seen else {
      let reason = "the probe could not be made"
      report(DedupControl.skip(wanted.unit, because: reason))
      if let terminal = wanted.terminal { report(ExecutionTerminal.skip(terminal.unit, because: reason)) }
      return
    }
    report(DedupControl.judge(wanted, view))
    if let terminal = wanted.terminal { report(ExecutionTerminal.judge(terminal, wanted, view)) }
  }

  func skipDuplicates(_ report: Report, because reason: String) {
    guard let wanted = subject.verify.duplicates else { return }
    report(DedupSkipped.skip(wanted.unit, because: reason))
    report(DedupControl.skip(wanted.unit, because: reason))
    if let terminal = wanted.terminal { report(ExecutionTerminal.skip(terminal.unit, because: reason)) }
  }

  private func marks(
    of wanted: Manifest.Duplicates, _ units: [String: Result<UnitView, Unseen>]
  ) -> DuplicateProof.Logs {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    let since = subject.since ?? Int64(now.seconds * 1e6)
    func mark(_ unit: String) -> LogSource {
      let file = subject.verify.files.first { $0.unit == unit }?.log
      return LogSource.mark(
        unit: unit, file: file, state: units[unit], since: since, plain: wanted.probe != .decision)
    }
    return DuplicateProof.Logs(skips: mark(wanted.unit), terminals: wanted.terminal.map { mark($0.unit) })
  }
}
