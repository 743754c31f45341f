/// The parts of a unit's name (systemd.unit(5)), and the specifiers that stand for them.
package struct UnitName {
  package let full: String
  /// Without the type.
  package let stem: String
  /// Before the `@`.
  package let prefix: String
  /// Between `@` and type; `nil` for a unit that is no instance.
  package let instance: String?

  package init(_ full: String) {
    self.full = full
    let dot = full.lastIndex(of: ".") ?? full.endIndex
    let stem = String(full[..<dot])
    self.stem = stem
    let parts = stem.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    prefix = parts.first.map(String.init) ?? stem
    instance = parts.count == 2 ? String(parts[1]) : nil  // trap: there are two
  }

  private var type: String { String(full.dropFirst(stem.count)) }

  /// The names under which the unit's file is looked for, best first.
  package var files: [String] { instance == nil ? [full] : [full, prefix + "@" + type] }

  /// The names whose `.d` folders hold drop-ins for it, best first; `service.d` is left out, since every unit has it.
  package var dropInFolders: [String] {
    var names = files
    var rest = prefix[...]
    // foo-bar.service takes foo-.service.d too.
    while let dash = rest.lastIndex(of: "-") {
      rest = rest[..<dash]
      names.append("\(rest)-\(type)")
    }
    return names.map { $0 + ".d" }
  }

  /// The folder whose drop-ins every unit of its type has.
  package var typeDropInFolder: String { type.dropFirst() + ".d" }

  /// Puts the unit's own name into a text that systemd will read under another one.
  package func expand(_ text: String) -> String {
    var result = ""
    var rest = text[...]
    while let mark = rest.firstIndex(of: "%") {
      result += rest[..<mark]
      let next = rest.index(after: mark)
      guard next < rest.endIndex else {
        rest = rest[mark...]
        break
      }
      switch rest[next] {
      case "n": result += full
      case "N": result += stem
      case "p": result += prefix
      case "i": result += instance ?? ""
      case "P": result += Self.unescape(prefix)
      case "I": result += Self.unescape(instance ?? "")
      case "f": result += "/" + Self.unescape(instance ?? prefix)
      case "j": result += prefix.split(separator: "-").last.map(String.init) ?? prefix
      default: result += rest[mark...next]
      }
      rest = rest[rest.index(after: next)...]
    }
    return result + rest
  }

  /// `-` is a slash and `\xXX` a byte (systemd-escape(1)).
  package static func unescape(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
        let value = UInt8(String(decoding: rest.dropFirst().prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(3)
      } else {
        bytes.append(byte == UInt8(ascii: "-") ? UInt8(ascii: "/") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
