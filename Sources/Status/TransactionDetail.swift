package import Deployment
import FileOperations
package import HostState

/// One transaction of the history with all that was kept of it.
package struct TransactionDetail {
  /// What the evidence of a failed release has too, for a transaction that nothing else is known of.
  private struct Evidence: Decodable { var steps: [StepResult] }

  package var entry: HistoryEntry
  /// What was said at its end; `nil`: not known.
  package var message: String?
  package var steps: [StepResult] = []
  /// The checks at its end; of a transaction that was undone, those that prove what is back.
  package var checks: [CheckResult] = []
  /// The checks that failed before it was undone.
  package var failed: [CheckResult] = []
  /// The files of the evidence that are there.
  package var evidence: [String] = []

  package init(_ entry: HistoryEntry, in state: StateFolder) {
    self.entry = entry
    if let record = TransactionRecords(state).record(of: entry) {
      (message, steps, checks) = (record.message, record.steps, record.checks)
    }
    guard let folder = entry.evidence else { return }
    evidence = ((try? Files.names(in: folder)) ?? []).sorted()
    if steps.isEmpty { steps = Self.read(Evidence.self, folder + "/evidence.json")?.steps ?? [] }
    // What is undone is proved at the end; what failed is in the evidence.
    failed = (Self.read([CheckResult].self, folder + "/checks.json") ?? [])
      .filter { $0.status == .fail && !checks.contains($0) }
  }

  private static func read<Value: Decodable>(_ type: Value.Type, _ path: String) -> Value? {
    (try? Files.readIfPresent(path)).flatMap { try? JSON.decode(type, from: $0, path: path) }
  }
}
