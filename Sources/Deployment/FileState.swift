/// What stands, or should stand, at a path: everything that a backup must bring back.
public struct FileState: Sendable, Hashable, Codable {
  public enum Kind: String, Sendable, Hashable, Codable {
    case absent, file, symlink, directory, other
  }

  public var type: Kind
  /// Lower-case hex; of a file only.
  public var sha256: String?
  /// Bytes; of a file only.
  public var size: Int?
  /// Permission bits, at most `0o7777`.
  public var mode: UInt32?
  public var owner: UInt32?
  public var group: UInt32?
  /// Extended attributes by name (ACLs and capabilities are among them), each value in lower-case hex.
  public var xattrs: [String: String]?
  /// Nanoseconds since 1970. Recorded and restored, but no difference between two states.
  public var mtime: Int?
  /// Where a symlink points.
  public var link: String?

  public init(_ type: Kind) { self.type = type }

  public static let absent = FileState(.absent)
  public var exists: Bool { type != .absent }

  /// What differs between this state and `other` in what qtctl keeps, in words; empty when nothing does.
  ///
  /// - Parameter secret: whether nothing is told of the content, its digest included, which a short one can be guessed by.
  public func differences(to other: FileState, secret: Bool = false) -> [String] {
    guard type == other.type else {
      return ["\(type.rawValue) → \(other.type.rawValue)" + (other.link.map { " to \($0)" } ?? "")]
    }
    var found: [String] = []
    if sha256 != other.sha256 {
      found.append(
        secret ? "content differs (secret, not shown)" : "content \(Self.short(sha256)) → \(Self.short(other.sha256))")
    }
    if mode != other.mode { found.append("mode \(Self.octal(mode)) → \(Self.octal(other.mode))") }
    if owner != other.owner || group != other.group {
      found.append("owner \(Self.ownership(self)) → \(Self.ownership(other))")
    }
    if (xattrs ?? [:]) != (other.xattrs ?? [:]) { found.append("extended attributes") }
    if link != other.link { found.append("link \(link ?? "?") → \(other.link ?? "?")") }
    return found
  }

  /// Permission bits as an operator writes them, such as `0755`.
  public static func octal(_ mode: UInt32?) -> String {
    guard let mode else { return "?" }
    let digits = String(mode, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
  }

  private static func short(_ digest: String?) -> String { digest.map { String($0.prefix(12)) } ?? "?" }
  private static func ownership(_ state: FileState) -> String {
    "\(state.owner.map(String.init) ?? "?"):\(state.group.map(String.init) ?? "?")"
  }
}
