/// A connection that waits in XREADGROUP, from a line of `CLIENT LIST`.
///
/// A consumer that waits for entries does not speak, for as long as its BLOCK, so that its idle time alone does not tell
/// it from a dead one. Its connection does: Redis counts the silence of both from the same command.
struct BlockedReader: Sendable, Equatable {
  var idle: Duration

  /// Redis counts a connection's silence in whole seconds.
  private static let grain = Duration.milliseconds(1500)

  static func list(_ text: String) -> [BlockedReader] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      var fields: [Substring: Substring] = [:]
      for field in line.split(separator: " ") {
        let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2 { fields[parts[0]] = parts[1] }
      }
      guard fields["flags"]?.contains("b") == true, fields["cmd"] == "xreadgroup",
        let idle = fields["idle"].flatMap({ Int($0) })
      else { return nil }
      return BlockedReader(idle: .seconds(idle))
    }
  }

  /// Marks the consumers that wait, each connection standing for one consumer only.
  static func mark(_ stream: inout StreamView, _ readers: [BlockedReader]) {
    var readers = readers
    for group in stream.groups.indices {
      for consumer in stream.groups[group].consumers.indices {
        let silent = stream.groups[group].consumers[consumer].idle
        guard let match = readers.firstIndex(where: { abs($0.idle, silent) <= grain }) else { continue }
        readers.remove(at: match)
        stream.groups[group].consumers[consumer].waits = true
      }
    }
  }

  private static func abs(_ left: Duration, _ right: Duration) -> Duration {
    left > right ? left - right : right - left
  }
}
