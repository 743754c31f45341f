/// One file of the host and what it must be.
public struct ExpectedFile: Sendable, Hashable {
  /// What must be found at the target.
  public enum State: Sendable, Hashable {
    /// Nothing may be there.
    case absent
    /// A symlink that leads there, word for word.
    case link(to: String)
    /// A regular file. `nil` stands for what is not compared: `sha256` is in hex, `mode` the permission bits,
    /// `owner` and `group` are numeric.
    case present(sha256: String?, mode: UInt32?, owner: UInt32?, group: UInt32?)
  }

  /// The absolute path.
  public var target: String
  /// The unit that the file belongs to; `nil` where it belongs to none.
  public var unit: String?
  /// Whether nothing derived from the contents, digests included, may be shown.
  public var secret: Bool
  public var state: State

  public init(target: String, unit: String? = nil, secret: Bool = false, state: State) {
    self.target = target
    self.unit = unit
    self.secret = secret
    self.state = state
  }
}
