internal import Crypto

/// What one decision is known by on all its way: the key of both layers of duplicate suppression.
package struct TraceID: Sendable, Hashable, CustomStringConvertible {
  static let longest = 128
  static let words = "at most \(longest) printable ASCII characters without a space"

  package let text: String

  /// - Parameters:
  ///   - given: What the envelope says. When it is missing, blank or `None`, a digest stands in: a producer that sends ""
  ///     for everything would have all its decisions but one suppressed as duplicates of each other.
  ///   - payload: What the digest is made of: what tells one decision from another, and nothing of its envelope, since the
  ///     same decision sent again comes in a new one.
  /// - Throws: when `given` could not stand in a key and on a log line.
  package init(_ given: String?, payload: @autoclosure () -> String) throws(MessageError) {
    guard let given, Self.isGiven(given) else {
      text = "sha256-" + Self.digest(payload())
      return
    }
    guard given.utf8.count <= Self.longest, given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .wrong("trace_id", is: given.quoted, should: Self.words)
    }
    text = given
  }

  /// Whether the text says which trace it is.
  static func isGiven(_ text: String?) -> Bool {
    guard let text else { return false }
    return !text.allSatisfy(\.isWhitespace) && !JSONScalar.text(text).isNothing
  }

  /// The id under which an exchange knows the order: always the same for the same trace, so that a redelivered intent
  /// finds its own order. 35 characters of `[a-z0-9-]`; exchanges take 36.
  package var clientOrderID: String {
    "qt-" + Self.digest(text).prefix(32)
  }

  package var description: String { text }

  /// SHA-256 in hexadecimal digits.
  private static func digest(_ text: String) -> String {
    var hash = SHA256()
    var text = text
    text.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    let digits = Array("0123456789abcdef".utf8)
    return String(unsafeUninitializedCapacity: 2 * SHA256.byteCount) { buffer in
      var index = 0
      for byte in hash.finalize() {
        buffer[index] = digits[Int(byte >> 4)]
        buffer[index + 1] = digits[Int(byte & 15)]
        index += 2
      }
      return index
    }
  }
}
