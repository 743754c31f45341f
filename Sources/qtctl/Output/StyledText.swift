/// Text for the terminal, in parts of one tone each. What others wrote may be in it: the console escapes it, so that the
/// only control sequences on a terminal are qtctl's own.
struct StyledText {
  enum Tone: String {
    case plain = "", good = "32", bad = "31", careful = "33", dim = "2"
  }

  private(set) var parts: [(text: String, tone: Tone)] = []

  init(_ text: String = "", _ tone: Tone = .plain) {
    if !text.isEmpty { parts.append((text, tone)) }
  }

  static func += (left: inout StyledText, right: String) { left += StyledText(right) }
  static func += (left: inout StyledText, right: StyledText) { left.parts += right.parts }
}
