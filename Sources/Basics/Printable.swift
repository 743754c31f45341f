/// Text that others wrote, as a terminal and a text file may be given it: nothing in it moves the cursor, changes colours
/// or turns the direction of writing.
package enum Printable {
  /// Of several lines: newlines and tabs stay, every other character that is not shown becomes its number, such as
  /// `\x1b` or `\u202e`.
  package static func text(_ text: String) -> String {
    // Most text is plain, and then nothing is copied.
    guard text.unicodeScalars.contains(where: { isHidden($0) && $0 != "\n" && $0 != "\t" }) else { return text }
    return escaped(text) { $0 == "\n" || $0 == "\t" }
  }

  /// Of one line: newlines and tabs become their numbers too.
  package static func line(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isHidden) else { return text }
    return escaped(text) { _ in false }
  }

  private static func escaped(_ text: String, keeping: (Unicode.Scalar) -> Bool) -> String {
    var result = ""
    for scalar in named(text).unicodeScalars {
      if keeping(scalar) || !isHidden(scalar) {
        result.unicodeScalars.append(scalar)
      } else if scalar == "\n" {
        result += "\\n"
      } else {
        let digits = String(scalar.value, radix: 16)
        let width = scalar.value < 0x100 ? 2 : 4
        result += scalar.value < 0x100 ? "\\x" : "\\u"
        result += String(repeating: "0", count: max(0, width - digits.count)) + digits
      }
    }
    return result
  }

  /// With what `FileName` spells: as the text that the bytes are, else each as `\xff`.
  private static func named(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { FileName.byte(of: $0) != nil }) else { return text }
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let scalar = rest.first {
      let bytes = rest.prefix { FileName.byte(of: $0) != nil }.compactMap(FileName.byte)
      if bytes.isEmpty {
        result.append(scalar)
        rest.removeFirst()
      } else {
        let name = String(validating: bytes, as: UTF8.self) ?? bytes.map { "\\x" + String($0, radix: 16) }.joined()
        result.append(contentsOf: name.unicodeScalars)
        rest.removeFirst(bytes.count)
      }
    }
    return String(result)
  }

  private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    // Unicode need not be asked for each character of a plan of megabytes.
    if (0x20..<0x7F).contains(scalar.value) { return false }
    return switch scalar.properties.generalCategory {
    // Controls; marks of direction and of width zero; line and paragraph separators; what Unicode has no meaning for.
    case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
    default: false
    }
  }
}
