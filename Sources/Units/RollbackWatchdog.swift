/// What watches the process of a transaction from outside, as a service of the manager's: when the process is gone, or
/// hangs past the deadline of its present step, it runs `qtctl recover` in its stead. Armed before the first stop,
/// disarmed at the outcome. A timer beside it starts it again at the last deadline of all, should it be ended itself.
package struct RollbackWatchdog: Sendable, Hashable {
  /// The units' name without its suffix; that of the transaction, so that no alarm ever meets another transaction.
  package var name: String
  /// Absolute.
  package var command: [String]
  /// What is run where `command` dies or fails: it puts all back without a look at what is there.
  package var fallback: [String]
  /// `NAME=value`.
  package var environment: [String]
  package var after: Duration

  /// What a healthy transaction may need beyond what its manifest grants: reloading, looking, writing.
  package static let margin = Duration.seconds(10)

  /// - Parameters:
  ///   - program: the qtctl that is run, absolute.
  ///   - state: the folder of qtctl's state.
  package init(name: String, program: String, state: String, after: Duration) {
    self.name = name
    command = [program, "recover", "--dead-man", name, "--watch", "\(Self.seconds(after))s"]
    fallback = command + ["--blind"]
    environment = ["QTCTL_STATE=" + state]
    self.after = after
  }

  /// Whole seconds, from one to a day.
  private static func seconds(_ duration: Duration) -> Int {
    Int(min(max(duration, .seconds(1)), .seconds(86_400)) / .seconds(1))
  }

  /// The name of the watchdog of the transaction that a process began at a time (whole seconds since 1970).
  package static func name(pid: Int32, started: Int) -> String { "qtctl-dead-man-\(pid)-\(started)" }
}
