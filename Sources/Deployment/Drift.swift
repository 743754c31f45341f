/// A file on the host that is not what the last transaction left.
public struct Drift: Sendable, Hashable {
  public var path: String
  public var secret: Bool
  /// As it was left.
  public var recorded: FileState
  /// As it is.
  public var found: FileState
}
