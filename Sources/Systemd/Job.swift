/// A job in the manager's queue. Its number is unique for as long as the manager runs.
public struct Job: Sendable, Hashable {
  public let id: UInt32
  /// The object path on the bus.
  public let path: String
  public let unit: String
  public let action: JobAction
}
