/// A moment from which on an effect may no longer be made, in milliseconds since 1970 as a server's clock counts them.
///
/// It travels with what is sent, and whoever makes the effect refuses what comes too late. So once the moment has passed
/// there, nothing that was sent before it can come about any more, whichever process was paused over it and for how long.
public struct Deadline: Sendable, Hashable, Comparable, CustomStringConvertible {
  public let milliseconds: Int64

  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  public static func < (one: Deadline, other: Deadline) -> Bool {
    one.milliseconds < other.milliseconds
  }

  public var description: String { String(milliseconds) }
}
