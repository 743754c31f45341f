package import Deployment
internal import FileOperations
package import Samples

/// What a transaction did, step by step, and what its checks saw: for whoever asks later.
package struct TransactionRecord: Sendable, Codable {
  package static let currentSchema = "qtctl-transaction/1"

  package var schema = TransactionRecord.currentSchema
  package var entry: HistoryEntry
  /// What was said at its end.
  package var message: String
  package var steps: [StepResult]
  package var checks: [CheckResult]
  /// How the consumer groups stood; `nil` in a record of an earlier version.
  package var samples: [GroupSample]?

  package init(
    entry: HistoryEntry, message: String, steps: [StepResult], checks: [CheckResult], samples: [GroupSample] = []
  ) {
    self.entry = entry
    self.message = message
    self.steps = steps
    self.checks = checks
    self.samples = samples
  }
}

/// The records of the latest transactions, a file each. Best effort: writing never fails a transaction, and the history
/// alone is what counts.
package struct TransactionRecords {
  /// So many are kept.
  private static let most = 200
  private static let suffix = ".json"

  private let folder: String

  package init(_ state: StateFolder) { folder = state.transactions }

  package func write(_ record: TransactionRecord) {
    let path = path(of: record.entry)
    guard (try? Files.makeFolders(folder, mode: 0o700)) != nil, let page = try? JSON.page(record),
      (try? Files.replace(path, with: page, mode: 0o600)) != nil
    else { return }
    for name in names().dropLast(Self.most) { try? Files.removeIfPresent(folder + "/" + name) }
  }

  /// What was recorded of a transaction of the history; `nil` where nothing was, or it cannot be read.
  package func record(of entry: HistoryEntry) -> TransactionRecord? {
    let path = path(of: entry)
    guard let bytes = try? Files.readIfPresent(path),
      let record = try? JSON.decode(TransactionRecord.self, from: bytes, path: path)
    else { return nil }
    return record.entry == entry ? record : nil
  }

  /// Oldest first: a name begins with the time.
  private func names() -> [String] {
    ((try? Files.names(in: folder)) ?? []).filter { !$0.hasPrefix(".") && $0.hasSuffix(Self.suffix) }.sorted()
  }

  private func path(of entry: HistoryEntry) -> String {
    // Two manifests may have a stamp each of the same second. Both words are plain ones, and a path they cannot become.
    let stamp = entry.stamp ?? Stamp(seconds: entry.started)
    let words = "\(stamp)-\(entry.verb)-\(entry.name)".replacing("/", with: "_")
    return folder + "/" + words + Self.suffix
  }
}
