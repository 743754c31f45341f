/// Reads durations as the manifest writes them: a whole number and a unit.
enum DurationText {
  static func read(_ text: String) -> Duration? {
    let digits = text.prefix { ("0"..."9").contains($0) }
    guard digits.utf8.count <= 9, let number = Int64(digits) else { return nil }
    switch text.dropFirst(digits.count) {
    case "ms": return .milliseconds(number)
    case "s": return .seconds(number)
    case "m": return .seconds(number * 60)
    case "h": return .seconds(number * 3600)
    case "d": return .seconds(number * 86_400)
    default: return nil
    }
  }
}
