public import SystemPackage

/// A file operation that failed: what, where, and the system's own reason.
public struct FileError: Error, Hashable, CustomStringConvertible {
  public var operation: String
  public var path: String
  public var errno: Errno

  public var description: String { "cannot \(operation) '\(path)': \(errno.description)" }
}
