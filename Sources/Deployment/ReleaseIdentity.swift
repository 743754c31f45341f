/// By what a release is known: its own word, and the digest of its content.
public struct ReleaseIdentity: Sendable, Hashable, Codable {
  public var version: String?
  /// SHA-256 over every target with its state, in lower-case hex.
  public var digest: String

  public init(version: String?, digest: String) {
    self.version = version
    self.digest = digest
  }
}

extension ReleaseIdentity: CustomStringConvertible {
  public var description: String {
    let short = String(digest.prefix(12))
    return version.map { "\($0) (\(short))" } ?? short
  }
}
