package import HostState

/// What is told of a transaction to those who watch the host.
package enum TransactionEvent: Sendable {
  /// It is in the journal; nothing was touched yet.
  case began(TransactionJournal.Begin)
  /// Its outcome is decided.
  case ended(HistoryEntry)
}
