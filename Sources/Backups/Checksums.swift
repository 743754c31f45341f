internal import Basics

/// `SHA256SUMS` as `sha256sum --check` reads it, names with a newline or backslash escaped as it escapes them.
package enum Checksums {
  package static let name = "SHA256SUMS"

  package struct Malformed: Error, CustomStringConvertible {
    package let line: Int
    package var description: String { "line \(line) is not '<sha256>  <path>'" }
  }

  private static let (backslash, newline, carriageReturn) = (UInt8(ascii: "\\"), UInt8(ascii: "\n"), UInt8(ascii: "\r"))

  /// - Parameter sums: digest by path.
  package static func text(_ sums: [String: String]) -> [UInt8] {
    var text: [UInt8] = []
    for (path, digest) in sums.sorted(by: { $0.key < $1.key }) {
      let bytes = FileName.bytes(path)
      let name = escaped(bytes)
      if name != bytes { text.append(backslash) }
      text += "\(digest)  ".utf8
      text += name
      text.append(newline)
    }
    return text
  }

  package static func parse(_ bytes: [UInt8]) throws -> [String: String] {
    guard bytes.last == newline else { throw Malformed(line: 1) }
    var sums: [String: String] = [:]
    for (number, line) in bytes.dropLast().split(separator: newline, omittingEmptySubsequences: false).enumerated() {
      let isEscaped = line.first == backslash
      let rest = isEscaped ? line.dropFirst() : line
      let (digest, path) = (rest.prefix(64), rest.dropFirst(66))
      guard digest.count == 64, digest.allSatisfy(isHexDigit), rest.dropFirst(64).prefix(2).elementsEqual("  ".utf8),
        !path.isEmpty
      else { throw Malformed(line: number + 1) }
      sums[FileName.text(isEscaped ? unescaped(path) : Array(path))] = String(decoding: digest, as: UTF8.self)
    }
    return sums
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }

  private static func escaped(_ name: [UInt8]) -> [UInt8] {
    name.flatMap { byte -> [UInt8] in
      switch byte {
      case backslash: [backslash, backslash]
      case newline: [backslash, UInt8(ascii: "n")]
      case carriageReturn: [backslash, UInt8(ascii: "r")]
      default: [byte]
      }
    }
  }

  private static func unescaped(_ name: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    var isEscaping = false
    for byte in name {
      if isEscaping {
        result.append(byte == UInt8(ascii: "n") ? newline : byte == UInt8(ascii: "r") ? carriageReturn : byte)
        isEscaping = false
      } else if byte == backslash {
        isEscaping = true
      } else {
        result.append(byte)
      }
    }
    return result
  }
}
