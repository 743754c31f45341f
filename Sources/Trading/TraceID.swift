/// What one decision is known by on all its way: the key of both layers of duplicate suppression.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
  static let longest = 128
  static let words = "at most \(longest) printable ASCII characters without a space"

  public let text: String

  /// - Parameters:
  ///   - given: What the envelope says. When it is missing or blank, a digest of the payload stands in: a producer that
  ///     sends "" for everything would have all its decisions but one suppressed as duplicates of each other.
  ///   - payload: The payload alone, since the same decision sent again comes in a new envelope.
  /// - Throws: when `given` could not stand in a key and on a log line.
  public init(_ given: String?, payload: String) throws(MessageError) {
    guard let given, !given.allSatisfy(\.isWhitespace) else {
      text = "sha256-" + Digest.hex(payload)
      return
    }
    guard given.utf8.count <= Self.longest, given.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      throw .wrong("trace_id", is: given.quoted, should: Self.words)
    }
    text = given
  }

  /// The id under which an exchange knows the order: always the same for the same trace, so that a redelivered intent
  /// finds its own order. 35 characters of `[a-z0-9-]`; exchanges take 36.
  public var clientOrderID: String {
    "qt-" + Digest.hex(text).prefix(32)
  }

  public var description: String { text }
}
