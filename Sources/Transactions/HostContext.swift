package import Backups
package import Deployment
package import HostState
package import KnownDigests
package import Preflight
package import Units
internal import Verification

/// What a transaction asks of the checks. The real one is `HealthVerifier`.
package protocol HealthVerification {
  /// Runs the checks; each result is told as it comes.
  ///
  /// - Returns: all of them; empty when an interruption ended them.
  func verify(_ spec: VerificationSpec, tell: (CheckResult) -> Void) async -> [CheckResult]
  /// How things stand before anything is stopped; `nil` where there is nothing to see.
  func baseline(_ spec: VerificationSpec) -> Baseline?
}

/// The edge of the process as a transaction sees it: where the state is kept, who manages services, what time it is.
package struct HostContext {
  package var state: StateFolder
  package var services: any ServiceControl
  package var health: any HealthVerification
  package var redis: any RedisInspection
  /// Reads and tries units that are not installed yet; `nil` where there is no service manager to ask.
  package var trial: (any UnitTrial)?
  package var diagnostics: (any UnitDiagnosis)?
  /// The address that overrides every manifest's, from `$QTCTL_REDIS`.
  package var redisAddress: String?
  /// A further user whose Redis may be told its password, from `$QTCTL_REDIS_USER`.
  package var redisUser: String?
  /// Of files that are not read again to plan.
  package var digests = KnownDigests.none
  /// The clock: whole seconds since 1970.
  package var now: () -> Int
  /// The message sink: says what a person who waits wants to know.
  package var note: (String) -> Void = { _ in }
  /// Is told when a transaction begins and ends.
  package var event: (TransactionEvent) -> Void = { _ in }
  /// What ends a transaction that is not yet decided.
  package var interruption = Interruption()
  /// The qtctl that the rollback watchdog runs, absolute; `nil`: no watchdog is armed.
  package var program: String?
  package var user: String
  /// The command as it was typed, for the lock and the history.
  package var command: String

  package init(
    state: StateFolder, services: any ServiceControl, health: any HealthVerification, redis: any RedisInspection,
    now: @escaping () -> Int, user: String, command: String
  ) {
    self.state = state
    self.services = services
    self.health = health
    self.redis = redis
    self.now = now
    self.user = user
    self.command = command
  }
}

/// What is told of a transaction, or of another change, to those who watch the host.
package enum TransactionEvent: Sendable {
  /// It is in the journal; nothing was touched yet.
  case began(TransactionJournal.Begin)
  /// Its outcome is decided.
  case ended(HistoryEntry)
  /// Services, backups or groups were changed by a command that is no transaction, or it failed to.
  case changed(HistoryEntry)
}
