/// The settings of a unit file in their order, as systemd.syntax(7) splits them: comments gone, continued lines joined.
package struct UnitText {
  package struct Setting: Hashable {
    package var section: String
    package var key: String
    package var value: String

    package init(section: String, key: String, value: String) {
      self.section = section
      self.key = key
      self.value = value
    }
  }

  package private(set) var settings: [Setting] = []

  /// Reads a unit file as systemd does: a line ends with LF, CR or both; a byte-order mark before the first one is no
  /// part of it; a comment or an empty line may stand between the lines of one setting.
  package init(_ text: String) {
    var section = ""
    var continued: String?
    for raw in Self.lines(text) {
      let line = raw.drop(while: \.isWhitespace)
      if line.isEmpty || line.first == "#" || line.first == ";" { continue }
      let isContinued = line.reversed().prefix { $0 == "\\" }.count % 2 == 1
      if isContinued {
        continued = (continued ?? "") + line.dropLast() + " "
        continue
      }
      take((continued ?? "") + line, &section)
      continued = nil
    }
    if let continued { take(continued, &section) }
  }

  private mutating func take(_ text: String, _ section: inout String) {
    let whole = text.trimmingSpaces()
    if whole.first == "[", whole.last == "]" {
      section = String(whole.dropFirst().dropLast())
    } else if let mark = whole.firstIndex(of: "=") {
      settings.append(
        Setting(
          section: section, key: String(whole[..<mark].trimmingSpaces()),
          value: String(whole[whole.index(after: mark)...].trimmingSpaces())))
    }
  }

  private static func lines(_ text: String) -> [String] {
    // By bytes: CR and LF together are one character.
    var bytes = Array(text.utf8)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    return bytes.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }.map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The settings of `[Service]` with these keys.
  package func service(_ keys: Set<String>) -> [Setting] {
    settings.filter { $0.section == "Service" && keys.contains($0.key) }
  }
}

extension StringProtocol {
  /// Without white space at either end.
  package func trimmingSpaces() -> SubSequence {
    let head = drop(while: \.isWhitespace)
    guard let last = head.lastIndex(where: { !$0.isWhitespace }) else { return head.prefix(0) }
    return head[...last]
  }
}
