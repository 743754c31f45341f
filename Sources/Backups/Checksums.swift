/// `SHA256SUMS` as `sha256sum --check` reads it, names with a newline or backslash escaped as it escapes them.
package enum Checksums {
  package static let name = "SHA256SUMS"

  package struct Malformed: Error, CustomStringConvertible {
    package let line: Int
    package var description: String { "line \(line) is not '<sha256>  <path>'" }
  }

  /// - Parameter sums: digest by path.
  package static func text(_ sums: [String: String]) -> String {
    sums.sorted { $0.key < $1.key }.map { path, digest in
      let escaped = path.contains { "\\\n\r".contains($0) }
      let name = path.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\r", with: "\\r")
      return (escaped ? "\\" : "") + digest + "  " + name + "\n"
    }.joined()
  }

  package static func parse(_ bytes: [UInt8]) throws -> [String: String] {
    guard let text = String(validating: bytes, as: UTF8.self), text.hasSuffix("\n") else { throw Malformed(line: 1) }
    var sums: [String: String] = [:]
    for (number, line) in text.dropLast().split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let escaped = line.hasPrefix("\\")
      let rest = escaped ? line.dropFirst() : line
      let digest = rest.prefix(64)
      let path = rest.dropFirst(66)
      guard digest.utf8.count == 64, digest.allSatisfy({ $0.isHexDigit && !$0.isUppercase }),
        rest.dropFirst(64).hasPrefix("  "), !path.isEmpty
      else { throw Malformed(line: number + 1) }
      sums[escaped ? unescape(path) : String(path)] = String(digest)
    }
    return sums
  }

  private static func unescape(_ text: Substring) -> String {
    var result = ""
    var escaping = false
    for character in text {
      if escaping {
        result.append(character == "n" ? "\n" : character == "r" ? "\r" : character)
        escaping = false
      } else if character == "\\" {
        escaping = true
      } else {
        result.append(character)
      }
    }
    return result
  }
}
