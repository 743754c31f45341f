package import Backups
internal import Deployment
internal import FileOperations
package import HostState
internal import Status
internal import Systemd
package import Transactions
internal import Units

/// Brings together what is known of a transaction: its record, its evidence, and where it has none, the journal and the
/// backups. What is gone or cannot be read is said on the page; it is never an error.
package struct StoryReader {
  private let state: StateFolder
  /// Where the transaction's backup lies; `nil`: not known.
  private let store: BackupStore?
  /// For a comparison with the host; `nil`: there is none.
  private let context: HostContext?

  package init(state: StateFolder, store: BackupStore?, context: HostContext?) {
    self.state = state
    self.store = store
    self.context = context
  }

  package func story(of entry: HistoryEntry, now: Int) async -> TransactionStory {
    let detail = TransactionDetail(entry, in: state)
    var story = TransactionStory(
      entry: entry, host: Accounts.hostName(), written: now, version: Program.version)
    story.message = detail.message
    story.steps = detail.steps
    story.checks = detail.checks
    story.failed = detail.failed
    story.samples = TransactionRecords(state).record(of: entry)?.samples
    story.gaps = evidence(entry)?.gaps ?? []
    story.changes = await changes(entry)
    story.journal = journal(entry)
    return story
  }

  // MARK: Evidence

  private func evidence(_ entry: HistoryEntry) -> EvidenceRecord? {
    guard let path = entry.evidence.map({ $0 + "/evidence.json" }), let bytes = try? Files.readIfPresent(path) else {
      return nil
    }
    return try? JSON.decode(EvidenceRecord.self, from: bytes, path: path)
  }

  private func text(_ name: String, of entry: HistoryEntry) -> String? {
    guard let folder = entry.evidence, let bytes = try? Files.readIfPresent(folder + "/" + name) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Changes

  private typealias Changes = TransactionStory.Changes

  private func changes(_ entry: HistoryEntry) async -> Changes {
    if let text = text("diff.txt", of: entry) {
      let release = entry.end == .rolledBack ? "the release that was left" : "the release"
      let what = "What \(release) had changed."
      return Changes(text: text, remark: what + " Content that is secret is not shown.")
    }
    guard [.deployed, .rolledBack, .unverified].contains(entry.end) else {
      return Changes(remark: "No file is another one than before.")
    }
    guard let stamp = entry.stamp, let store else { return Changes(remark: "What it changed is not known any more.") }
    do {
      return try await difference(stamp, entry, store)
    } catch {
      return Changes(remark: "What it changed cannot be shown: \(error)")
    }
  }

  /// From the backup that was taken before to the next one of the same name, else to the host as it is now.
  private func difference(_ stamp: Stamp, _ entry: HistoryEntry, _ store: BackupStore) async throws -> Changes {
    let comparison = BackupComparison(store)
    let next = try store.stamps().reversed().first { other in
      try other > stamp && store.record(other).name == entry.name
    }
    let found: HostDifference
    if let next {
      found = try await comparison.between(stamp.description, next.description)
    } else if let context {
      found = try await comparison.withHost(stamp.description, context)
    } else {
      return Changes(remark: "What it changed cannot be shown without the service manager.")
    }
    // A comparison with the host says what a rollback would change: the old side is the backup's in both.
    let files = found.files.map { file in
      let rest = file.more > 0 ? ["… \(file.more) more lines"] : []
      return Changes.File(sentence: file.sentence, lines: file.diff + rest)
    }
    let to = next.map { "the next backup, \($0)" } ?? "the host as it is now"
    return Changes(
      files,
      remark: "From the backup taken before, \(stamp), to \(to). Content that is secret is not shown."
        + (files.isEmpty ? " No file differs." : ""))
  }

  // MARK: Journal

  /// Lines kept of a transaction, and how far beyond its end they are looked for, in microseconds.
  private static let (most, margin) = (1000, Int64(2_000_000))
  /// How long looking may take.
  private static let patience = Duration.seconds(5)

  private func journal(_ entry: HistoryEntry) -> TransactionStory.Journal {
    if let text = text("journal.txt", of: entry) {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: true).suffix(Self.most).map(String.init)
      return TransactionStory.Journal(
        lines, remark: lines.isEmpty ? "Nothing was logged by or about its units." : "Kept as evidence.")
    }
    let units = self.units(entry)
    guard !units.isEmpty else {
      return TransactionStory.Journal(remark: "Which units it concerned is not known any more.")
    }
    do {
      let lines = try lines(of: units, entry)
      let what = "What \(units.count == 1 ? "its unit" : "its \(units.count) units") and systemd logged meanwhile."
      return TransactionStory.Journal(
        lines, remark: lines.isEmpty ? "The journal has nothing of its units from then (any more)." : what)
    } catch {
      return TransactionStory.Journal(remark: "The journal cannot be read: \(error)")
    }
  }

  private func units(_ entry: HistoryEntry) -> [String] {
    let saved = entry.stamp.flatMap { try? store?.record($0) }.map { $0.units.map(\.state.unit) } ?? []
    guard saved.isEmpty else { return saved }
    return (try? InstalledReleases(state).record(entry.name))?.units ?? []
  }

  private func lines(of units: [String], _ entry: HistoryEntry) throws -> [String] {
    let began = Int64(clamping: entry.started).multipliedReportingOverflow(by: 1_000_000)
    let length = Int64(exactly: (min(max(0, entry.seconds), 1e9) * 1e6).rounded()) ?? 0  // trap: of doubles
    guard !began.overflow else { return [] }
    let end = began.partialValue.addingReportingOverflow(length + Self.margin).partialValue
    let deadline = ContinuousClock.now + Self.patience
    var found: [String] = []
    let query = JournalQuery(units: units, includesManager: true, boot: .all, since: began.partialValue - Self.margin)
    try JournalReader().follow(query, until: .now) { line in
      guard line.realtime <= end, deadline > .now else { return false }
      found.append(Self.text(line))
      // The newest ones say how it ended.
      if found.count > Self.most + Self.most { found.removeFirst(Self.most) }
      return true
    }
    return found.suffix(Self.most)
  }

  private static func text(_ entry: JournalEntry) -> String {
    let isManagers = if case .manager = entry.origin { true } else { false }
    let line = UnitDiagnostics.Line(
      at: entry.realtime, source: isManagers ? "systemd" : entry.unit ?? "-", pid: entry.pid.map(Int.init),
      message: entry.message)
    return line.text.split(separator: "\n").joined(separator: " ")
  }
}
