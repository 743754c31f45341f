/// What the process of a unit is asked: whether it may read a file, or run it, or enter a folder.
struct SandboxQuestion: Hashable {
  enum Kind: String { case read = "r", enter = "x" }
  var kind: Kind
  var path: String
}

/// The answer of a unit that asked as the user of another one, with its sandbox in force.
enum SandboxAnswer {
  /// What it may not.
  case denied(Set<SandboxQuestion>)
  /// It could not be started; the exit status by which systemd says why (systemd.exec(5), "Process Exit Codes").
  case impossible(Int32?)
}
