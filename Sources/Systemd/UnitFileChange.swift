/// One link that enabling, disabling, masking or unmasking made or removed.
public struct UnitFileChange: Sendable, Hashable {
  /// systemd's word for it: `symlink` or `unlink`.
  public var kind: String
  /// The link.
  public var path: String
  /// Where the link points; empty when it was removed.
  public var target: String

  public init(kind: String, path: String, target: String) {
    self.kind = kind
    self.path = path
    self.target = target
  }
}
