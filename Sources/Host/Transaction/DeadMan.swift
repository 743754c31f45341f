/// The alarm that goes off when the process of a transaction is gone or hangs past its deadline, and has the service
/// manager run `qtctl recover` in its stead. Armed before the first stop, disarmed at the outcome.
public struct DeadMan: Sendable, Hashable {
  /// The units' name without its suffix; that of the transaction, so that no alarm ever meets another transaction.
  public var name: String
  /// Absolute.
  public var command: [String]
  /// `NAME=value`.
  public var environment: [String]
  public var after: Duration

  /// What a healthy transaction may need beyond what its manifest grants: reloading, looking, writing.
  static let margin = Duration.seconds(10)

  init(of begin: TransactionJournal.Begin, program: String, state: StateFolder, after: Duration) {
    name = Self.name(of: begin)
    command = [program, "recover", "--dead-man", name]
    environment = ["QTCTL_STATE=" + state.path]
    self.after = after
  }

  static func name(of begin: TransactionJournal.Begin) -> String { "qtctl-dead-man-\(begin.pid)-\(begin.started)" }
}
