internal import Basics
package import Deployment
internal import Systemd

/// What the services have logged in the last hour of duplicates and of terminal states.
package struct TradeEvents: Sendable, Hashable, Encodable {
  /// Duplicates that were skipped.
  package var skipped = 0
  /// Terminal states by their word: `FILLED`, `REJECTED`, `FAILED`.
  package var terminal: [String: Int] = [:]
  package var conflicts = 0
  /// Whether there was more than could be read in a moment.
  package var isPartial = false

  package static let span = 3600

  /// So much is read at most.
  private static let most = 200_000
  private static let patience = Duration.seconds(2)

  package init() {}

  /// Adds what one line of a log says.
  package mutating func add(_ line: String, _ wanted: Manifest.Duplicates) {
    if line.contains(wanted.log) { skipped += 1 }
    if line.hasPrefix("CONFLICT trace_id=") { conflicts += 1 }
    let marker = wanted.terminal?.log ?? "TERMINAL STATE"
    guard let found = line.firstRange(of: marker) else { return }
    let word = line[found.upperBound...].drop { $0 == ":" || $0 == " " }.prefix { $0.isLetter }
    terminal[word.isEmpty ? "OTHER" : word.uppercased(), default: 0] += 1
  }

  /// Blocks the calling thread, in bounded time.
  ///
  /// - Returns: `nil` where the manifest proves no duplicates.
  /// - Throws: where the journal cannot be read.
  package static func look(_ verify: Manifest.Verify, now: Int) throws -> TradeEvents? {
    guard let wanted = verify.duplicates else { return nil }
    let units = [wanted.unit, wanted.terminal?.unit].compactMap { $0 }.uniqued()
    let since = Int64(now - span) * 1_000_000
    let deadline = ContinuousClock.now + patience
    var (events, count) = (TradeEvents(), 0)
    try JournalReader().backwards(JournalQuery(units: units, boot: .all)) { entry in
      guard entry.realtime >= since else { return false }
      count += 1
      guard count <= most, count % 256 != 0 || .now < deadline else {
        events.isPartial = true
        return false
      }
      events.add(entry.message, wanted)
      return true
    }
    return events
  }
}
