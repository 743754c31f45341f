/// Text for the terminal, in parts of one tone each. What others wrote may be in it: the console escapes it, so that the
/// only control sequences on a terminal are qtctl's own.
package struct StyledText: Sendable {
  package enum Tone: String, Sendable {
    case plain = "", good = "32", bad = "31", careful = "33", dim = "2", strong = "1"
  }

  package private(set) var parts: [(text: String, tone: Tone)] = []

  package init(_ text: String = "", _ tone: Tone = .plain) {
    if !text.isEmpty { parts.append((text, tone)) }
  }

  package static func += (left: inout StyledText, right: String) { left += StyledText(right) }
  package static func += (left: inout StyledText, right: StyledText) { left.parts += right.parts }

  package var isEmpty: Bool { parts.isEmpty }
  /// Without the tones.
  package var text: String { parts.map(\.text).joined() }
}
