public import Deployment
internal import Verification

/// The edge of the process as a transaction sees it: where the state lies, who manages services, what time it is.
public struct HostContext {
  public var state: StateFolder
  public var services: any ServiceControl
  /// Runs the checks; each result is told as it comes.
  public var prove: (Proof, (CheckResult) -> Void) async -> [CheckResult]
  /// How the Redis that a proof will look at stands before anything is stopped; `nil` where there is nothing to see.
  public var lookBefore: (Proof) -> Baseline? = { _ in nil }
  /// Where the consumer groups of a manifest stand, for the backup; what cannot be read is `null` there.
  public var cursors: ([Manifest.ConsumerGroup], _ redis: String) -> [BackupRecord.Cursor]
  /// Why that Redis cannot be used, in words; `nil` when it can.
  public var redisFault: (_ redis: String) -> String?
  /// Reads and tries units that are not installed yet; `nil` where there is no service manager to ask.
  public var trial: (any UnitTrial)?
  /// What the service manager and the journal say of units: of their last so many seconds, looked for within a limit.
  public var witness: (_ units: [String], _ past: Duration, _ limit: Duration) async -> Testimony = { _, _, _ in
    Testimony()
  }
  /// The address that overrides every manifest's, from `$QTCTL_REDIS`.
  public var redis: String?
  /// Says what a person who waits wants to know; a line to stderr.
  public var note: (String) -> Void = { _ in }
  /// Whole seconds since 1970.
  public var now: () -> Int
  /// What ends a transaction that is not yet decided.
  public var interruption = Interruption()
  /// The qtctl that the dead-man timer runs, absolute; `nil`: no timer is armed.
  public var program: String?
  public var user: String
  /// The command as it was typed, for the lock and the history.
  public var command: String

  public init(
    state: StateFolder, services: any ServiceControl,
    prove: @escaping (Proof, (CheckResult) -> Void) async -> [CheckResult],
    cursors: @escaping ([Manifest.ConsumerGroup], String) -> [BackupRecord.Cursor] = { _, _ in [] },
    redisFault: @escaping (String) -> String? = { _ in nil }, trial: (any UnitTrial)? = nil, redis: String? = nil,
    now: @escaping () -> Int, user: String, command: String
  ) {
    self.state = state
    self.services = services
    self.prove = prove
    self.cursors = cursors
    self.redisFault = redisFault
    self.trial = trial
    self.redis = redis
    self.now = now
    self.user = user
    self.command = command
  }
}
