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

  package init(_ text: String) {
    var section = ""
    var continued = ""
    for raw in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let line = raw.trimmingSpaces()
      // A comment may stand between the lines of one setting.
      if line.first == "#" || line.first == ";" { continue }
      if line.last == "\\" {
        continued += line.dropLast() + " "
        continue
      }
      let whole = continued + line
      continued = ""
      if whole.first == "[", whole.last == "]" {
        section = String(whole.dropFirst().dropLast())
      } else if let mark = whole.firstIndex(of: "=") {
        settings.append(
          Setting(
            section: section, key: String(whole[..<mark].trimmingSpaces()),
            value: String(whole[whole.index(after: mark)...].trimmingSpaces())))
      }
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
