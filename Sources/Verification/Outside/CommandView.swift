/// How a program ended, and the end of what it printed.
struct CommandView: Sendable, Equatable {
  enum End: Sendable, Equatable {
    case exited(Int)
    case signaled(Int)
    /// It was still running at its deadline.
    case late
  }

  var end: End
  /// The last lines of standard output and standard error together.
  var tail: String

  var exit: Int? { if case .exited(let code) = end { code } else { nil } }
  var signal: Int? { if case .signaled(let signal) = end { signal } else { nil } }
}
