internal import Basics

/// What a host printed, as this terminal may be given it: nothing of it moves the cursor, sets a title, answers for the
/// user or turns the direction of writing, whoever rules the host. Colours pass where they are wanted.
package struct TerminalText {
  /// Whether colours pass.
  private let isColoured: Bool
  /// The beginning of a character or a colour whose end has not come yet.
  private var rest: [UInt8] = []

  /// `ESC [ 1 ; 31 m`: no colour of ours is longer.
  private static let longestColour = 12
  private static let escape = UInt8(ascii: "\u{1b}")

  package init(isColoured: Bool) { self.isColoured = isColoured }

  /// - Returns: what can be shown of what has come so far.
  package mutating func shown(_ bytes: [UInt8]) -> String {
    let all = rest + bytes
    let end = all.count - Self.unfinished(all)
    rest = Array(all.dropFirst(end))
    return text(all.prefix(end))
  }

  /// - Returns: what is left at the end.
  package mutating func finish() -> String {
    defer { rest = [] }
    return text(rest[...])
  }

  private func text(_ bytes: ArraySlice<UInt8>) -> String {
    var result = ""
    var left = bytes
    while let start = left.firstIndex(of: Self.escape) {
      result += Printable.text(String(decoding: left[..<start], as: UTF8.self))
      left = left[start...]
      let length = isColoured ? Self.colour(left) : 0
      result += length > 0 ? String(decoding: left.prefix(length), as: UTF8.self) : "\\x1b"
      left = left.dropFirst(max(1, length))
    }
    return result + Printable.text(String(decoding: left, as: UTF8.self))
  }

  /// How many bytes at the beginning set a colour: digits and semicolons between `ESC [` and `m`.
  private static func colour(_ bytes: ArraySlice<UInt8>) -> Int {
    guard bytes.dropFirst().first == UInt8(ascii: "[") else { return 0 }
    let body = bytes.dropFirst(2).prefix(longestColour).prefix { byte in
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ";")
    }
    return bytes.dropFirst(2 + body.count).first == UInt8(ascii: "m") ? body.count + 3 : 0
  }

  /// How many bytes at the end may be the first ones of a longer character or colour.
  private static func unfinished(_ bytes: [UInt8]) -> Int {
    let tail = bytes.suffix(longestColour + 2)
    if let start = tail.lastIndex(of: escape) {
      let colour = tail[start...]
      let isOpen = colour.dropFirst().allSatisfy { byte in
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: ";") || byte == UInt8(ascii: "[")
      }
      if isOpen { return colour.count }
    }
    // UTF-8: a leading byte tells how many follow.
    for (number, byte) in bytes.suffix(3).reversed().enumerated() {
      if byte & 0xC0 == 0x80 { continue }
      let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
      return length > number + 1 ? number + 1 : 0
    }
    return 0
  }
}
