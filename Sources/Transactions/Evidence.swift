internal import Commit
internal import Basics
package import Deployment
package import FileOperations
package import HostState
package import Units

/// What evidence is kept of: a release that is about to be left.
package struct EvidenceSubject {
  package var release: ReleaseIdentity?
  package var units: [String]
  /// What the release had changed: from what stood before it to what it brought.
  package var changes: [FileComparison]
  /// How far back the journal matters.
  package var past: Duration
  package var reason: String
  package var fault: HistoryEntry.Fault?
  /// The units that failed; their last lines are shown.
  package var failed: [String] = []
  /// How long looking may take.
  package var limit = Duration.seconds(2)
}

/// `evidence.json`: which release failed, how, and in what state it left the units.
package struct EvidenceRecord: Codable {
  package static let currentSchema = "qtctl-evidence/1"

  package var schema = EvidenceRecord.currentSchema
  /// The manifest's name.
  package var name: String
  /// The release that failed, or that was rolled back.
  package var release: ReleaseIdentity?
  /// The backup that the transaction took.
  package var stamp: Stamp
  package var command: String
  package var user: String
  package var host: String
  /// Why it failed, or why it was rolled back.
  package var reason: String
  package var fault: HistoryEntry.Fault?
  /// When the transaction began, and when this was taken: whole seconds since 1970.
  package var started: Int
  package var taken: Int
  package var steps: [StepResult]
  package var units: [UnitDiagnostics.Unit]
  /// What could not be read or was left out, in sentences.
  package var gaps: [String]
}

extension Transaction {
  /// Keeps, before anything is put back, what tells why a release failed. Best effort: it never throws, and what it
  /// takes is bounded, since the way back must not wait for it.
  package func keepEvidence(_ subject: EvidenceSubject) async {
    guard let stamp else { return }
    lock.enter("keep evidence")
    let begun = ContinuousClock.now
    let changes = await DiffRenderer(
      old: "before", new: "of the release", linesEach: 2000, lines: 20_000, deadline: begun + subject.limit / 2
    ).differences(subject.changes)
    // Last, so that the journal had time to take in what has just been said.
    let found = await context.diagnostics?.diagnose(
      subject.units, past: subject.past, within: max(.zero, begun + subject.limit - .now))
    let diagnostics = found ?? UnitDiagnostics()
    let record = EvidenceRecord(
      name: begin.name, release: subject.release, stamp: stamp, command: begin.command, user: begin.user,
      host: Accounts.hostName(), reason: subject.reason, fault: subject.fault, started: begin.started,
      taken: context.now(), steps: recorder.steps, units: diagnostics.units, gaps: diagnostics.gaps)
    lastLines = diagnostics.lastLines(of: subject.failed)
    do {
      var files = [
        "evidence.json": try JSON.page(record), "checks.json": try JSON.page(checks),
        "journal.txt": Array(Printable.text(diagnostics.journal.map(\.text).joined()).utf8),
        "diff.txt": Array(Printable.text(changes.map(\.text).joined()).utf8),
      ]
      if !hookOutput.isEmpty { files["hooks.txt"] = Array(Printable.text(hookOutput).utf8) }
      let folder = try EvidenceStore(context.state).write(files, as: stamp)
      evidence = folder
      recorder.record("keep evidence", .done, since: begun, ([folder] + diagnostics.gaps).joined(separator: "; "))
    } catch {
      recorder.record("keep evidence", .skipped, since: begun, "it could not be written: \(error)")
    }
  }

  /// Where a person finds it, as the beginning of a message's line; empty where none was kept.
  package var evidenceLine: String {
    lastLines + (evidence.map { "Logs and diff: \($0)\n" } ?? "")
  }
}

extension HistoryEntry.Fault {
  /// What the failure of a deploy says of the release.
  ///
  /// - Parameter units: those of the release.
  package init?(_ error: any Error, units: [String]) {
    switch error {
    case UnitError.notReady(let unit, _) where units.contains(unit): self = .content
    case UnitError.notReloaded(let unit, _) where units.contains(unit): self = .content
    case is HookError: self = .content
    case UnitError.several(let errors):
      guard errors.contains(where: { HistoryEntry.Fault($0, units: units) != nil }) else { return nil }
      self = .content
    case TransactionError.unhealthy(let checks) where !checks.isEmpty: self = .content
    default: return nil
    }
  }
}

extension Plan {
  /// The files that are others afterwards.
  var changedPaths: Set<String> { Set(steps.compactMap(\.action.changedFile)) }
}
