extension Machine {
  /// What a command in the machine left.
  public struct Output: Sendable, Equatable {
    /// How the command ended.
    public enum Status: Sendable, Equatable {
      /// By itself, with this status: 127 where the program was not found, 126 where it could not be executed.
      case exited(Int32)
      /// By this signal.
      case signaled(Int32)
    }

    /// How it ended.
    public let status: Status
    /// What it wrote to standard output.
    public let standardOutput: [UInt8]
    /// What it wrote to standard error.
    public let standardError: [UInt8]
    /// From start to end, in seconds.
    public let seconds: Double

    /// Standard output as text, broken UTF-8 repaired.
    public var stdout: String { String(decoding: standardOutput, as: UTF8.self) }
    /// Standard error as text, broken UTF-8 repaired.
    public var stderr: String { String(decoding: standardError, as: UTF8.self) }
    /// Whether it ended by itself with status 0.
    public var succeeded: Bool { status == .exited(0) }
  }
}

extension Machine.Output.Status: CustomStringConvertible {
  public var description: String {
    switch self {
    case .exited(let status): "status \(status)"
    case .signaled(let signal): "signal \(signal)"
    }
  }
}
