/// An environment file as systemd 252 reads it (systemd.exec(5), `EnvironmentFile=`), which is not as a shell does.
package struct EnvironmentText {
  /// What systemd keeps, by name.
  package private(set) var variables: [String: String] = [:]
  /// What it drops without failing, and why. Names and lines alone: values may be secrets.
  package private(set) var dropped: [String] = []
  /// What is probably not meant, and why: an end of a value that looks like a comment belongs to the value.
  package private(set) var doubts: [String] = []
  /// Why the unit could not start at all.
  package private(set) var fault: String?

  private enum State {
    case beforeName, name, beforeValue, value, valueEscape, single, double, doubleEscape, comment, commentEscape
  }

  private var state = State.beforeName
  private var name: [UInt8] = []
  private var value: [UInt8] = []
  /// Up to where trailing blanks of the value are cut.
  private var kept = 0
  private var isQuoted = false
  private var line = 1
  private var start = 1

  package init(_ bytes: [UInt8]) {
    if let zero = bytes.firstIndex(of: 0) {
      fault = "line \(bytes[..<zero].count { $0 == UInt8(ascii: "\n") } + 1) has a zero byte"
      return
    }
    for byte in bytes {
      take(byte)
      if byte == UInt8(ascii: "\n") { line += 1 }
    }
    switch state {
    case .single, .double, .doubleEscape:
      dropped.append(
        "line \(start): the quote of '\(nameText)' is never closed, so the rest of the file becomes its value")
      push()
    case .beforeValue, .value, .valueEscape: push()
    case .name: noAssignment()
    case .beforeName, .comment, .commentEscape: break
    }
  }

  private var nameText: String { String(decoding: name, as: UTF8.self).trimmingSpaces().description }

  private mutating func take(_ byte: UInt8) {
    let character = Character(Unicode.Scalar(byte))
    let isNewline = byte == 10 || byte == 13
    let isBlank = isNewline || byte == 32 || byte == 9
    switch (state, character) {
    case (.beforeName, "#"), (.beforeName, ";"): state = .comment
    case (.beforeName, _): if !isBlank { begin(byte) }
    case (.name, "="): state = .beforeValue
    case (.name, _): if isNewline { noAssignment() } else { name.append(byte) }
    case (.beforeValue, "'"), (.beforeValue, "\""):
      isQuoted = true
      state = character == "'" ? .single : .double
    case (.beforeValue, "\\"), (.value, "\\"): state = .valueEscape
    case (.beforeValue, _), (.value, _): takeValue(byte, isNewline: isNewline, isBlank: isBlank)
    case (.valueEscape, _):
      state = .value
      if !isNewline { append(byte, true) }
    case (.single, "'"), (.double, "\""): state = .beforeValue
    case (.double, "\\"): state = .doubleEscape
    case (.single, _), (.double, _): append(byte, true)
    case (.doubleEscape, _):
      state = .double
      if !isNewline && !"\"\\`$".contains(character) { append(UInt8(ascii: "\\"), true) }
      if !isNewline { append(byte, true) }
    case (.comment, "\\"): state = .commentEscape
    case (.comment, _): if isNewline { state = .beforeName }
    case (.commentEscape, _): state = .comment
    }
  }

  private mutating func begin(_ byte: UInt8) {
    state = .name
    name = [byte]
    value = []
    kept = 0
    isQuoted = false
    start = line
  }

  private mutating func takeValue(_ byte: UInt8, isNewline: Bool, isBlank: Bool) {
    if isNewline {
      push()
    } else if state == .value || !isBlank {
      state = .value
      append(byte, !isBlank)
    }
  }

  private mutating func append(_ byte: UInt8, _ keeps: Bool) {
    value.append(byte)
    if keeps { kept = value.count }
  }

  private mutating func noAssignment() {
    dropped.append("line \(start) is not NAME=value and is ignored")
    state = .beforeName
  }

  private mutating func push() {
    state = .beforeName
    guard let text = String(validating: value[..<kept], as: UTF8.self),
      let name = String(validating: self.name, as: UTF8.self)?.trimmingSpaces()
    else {
      fault = fault ?? "line \(start) is not UTF-8"
      return
    }
    let isName =
      name.utf8.allSatisfy { $0 == 95 || (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) }
      && name.first.map { !$0.isNumber } ?? false
    if !isName {
      dropped.append("line \(start): '\(name)' is not a valid variable name, so it is not set")
    } else if text.utf8.contains(where: { ($0 < 32 && $0 != 9 && $0 != 10) || $0 == 127 }) {
      dropped.append("line \(start): the value of '\(name)' has a control character, so it is not set")
    } else {
      variables[String(name)] = text
      if !isQuoted, text.contains(" #") || text.contains("\t#") {
        doubts.append("line \(start): what follows '#' is part of the value of '\(name)', and no comment")
      }
    }
  }
}
