package import Deployment

/// What a journal tells of a transaction that is not finished: how far it came and what it has left lying about.
package struct InterruptedTransaction {
  package let begin: TransactionJournal.Begin
  /// The backup that was begun.
  package private(set) var stamp: Stamp?
  /// Hidden files beside their targets.
  package private(set) var staged: [String] = []
  /// Folders made for them.
  package private(set) var folders: [String] = []
  /// The units that may have been touched; `nil` when it did not come to that.
  package private(set) var touched: Set<String>?
  /// The units of no manifest that may have been stopped and have to be active in the end.
  package private(set) var others: Set<String> = []
  /// The files that may have been changed.
  package private(set) var changed: Set<String> = []
  /// How Redis stood before anything was stopped, where it was looked at.
  package private(set) var baseline: Baseline?
  /// The hooks that were begun; one of them may still be running.
  package private(set) var hooks: [HookCall] = []
  /// What takes back a migration that ran, or may have; `nil` where there is none, or it has been taken back.
  package var undo: HookCall?
  /// Set when the transaction is decided and only remains to be written down.
  package private(set) var outcome: (entry: HistoryEntry, installed: InstalledRecord?)?

  /// What taking back its migration may take: the deadline of an undo does not count that.
  package var timeOfUndo: Duration { undo.map { $0.limit * 2 + .seconds(10) } ?? .zero }

  /// - Returns: `nil` where the journal holds no transaction.
  package init?(_ records: [TransactionJournal.Record]) {
    guard case .begin(let begin)? = records.first else { return nil }
    self.begin = begin
    for record in records.dropFirst() {
      switch record {
      case .begin, .step: break
      // What was decided before could not be written down; it holds no longer.
      case .undo: outcome = nil
      case .baseline(let baseline): self.baseline = baseline
      case .backup(let stamp): self.stamp = stamp
      case .stage(let folders, let files):
        self.folders += folders
        staged += files
      case .hook(let call, let undo):
        hooks.append(call)
        if call.name == .migrate { self.undo = undo }
      case .hookEnded(let name, let failure):
        if name == .undo, failure == nil { undo = nil }
      case .commit(let units, let files, _, let others):
        self.others.formUnion(others ?? [])
        touched = (touched ?? []).union(units)
        changed.formUnion(files)
      case .outcome(let entry, let installed): outcome = (entry, installed)
      }
    }
  }
}
