internal import Deployment

extension Transaction {
  /// Keeps, before anything is put back, what tells why a release failed. Best effort: it never throws, and what it
  /// takes is bounded, since the way back must not wait for it.
  func keepEvidence(_ subject: EvidenceSubject) async {
    guard let stamp else { return }
    lock.enter("keep evidence")
    let begun = ContinuousClock.now
    let changes = await Differ(
      old: "before", new: "of the release", linesEach: 2000, lines: 20_000, deadline: begun + subject.limit / 2
    ).differences(subject.changes)
    // Last, so that the journal had time to take in what has just been said.
    let testimony = await context.witness(
      subject.units, subject.past, max(.zero, begun + subject.limit - .now))
    let record = EvidenceRecord(
      name: begin.name, release: subject.release, stamp: stamp, command: begin.command, user: begin.user,
      host: Accounts.hostName(), reason: subject.reason, fault: subject.fault, started: begin.started,
      taken: context.now(), steps: recorder.steps, units: testimony.units, gaps: testimony.gaps)
    do {
      let folder = try EvidenceStore(context.state).write(
        [
          "evidence.json": JSON.page(record), "checks.json": JSON.page(checks),
          "journal.txt": Array(testimony.journal.map(\.text).joined().utf8),
          "diff.txt": Array(changes.map(\.text).joined().utf8),
        ], as: stamp)
      evidence = folder
      recorder.record("keep evidence", .done, since: begun, ([folder] + testimony.gaps).joined(separator: "; "))
    } catch {
      recorder.record("keep evidence", .skipped, since: begun, "it could not be kept: \(error)")
    }
  }

  /// Where a person finds it, as the beginning of a message's line; empty where none was kept.
  var evidenceLine: String { evidence.map { "evidence is kept in \($0)\n" } ?? "" }
}
