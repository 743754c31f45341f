/// How a command ended; the raw value is what JSON and the history show.
package enum Outcome: String, Sendable, Hashable, Codable {
  case deployed, unchanged, planned, verified, unverified
  case rolledBack = "rolled-back"
  case backedUp = "backed-up"
  /// A transaction failed or was interrupted, and the state before it is back, verified healthy.
  case undone
  case recovered
  case differs
  case done
  case failed
  case refused
}

/// The exit statuses of qtctl; part of the contract.
package enum ExitStatus: Int32, Sendable, CaseIterable {
  case done = 0
  case internalError = 1
  /// `status` found something wrong.
  case wrong = 3
  case noSuchStamp = 10
  case locked = 11
  case backupDamaged = 12
  case drift = 13
  case refused = 14
  case rolledBack = 20
  case unhealthy = 21
  case recovered = 22
  case checkFailed = 30
  case unreachable = 40
  case connectionLost = 41
  case usage = 64

  /// What the status means, as the help and the README say it.
  package var meaning: String {
    switch self {
    case .done: "done, and verified where the command verifies"
    case .wrong: "status: something is wrong"
    case .internalError: "an internal error of qtctl"
    case .noSuchStamp: "no such stamp"
    case .locked: "another transaction holds the lock"
    case .backupDamaged: "a backup is damaged; nothing was changed"
    case .drift: "drift: a file is not as the last transaction left it; nothing was changed"
    case .refused: "refused by preflight or because of the manifest; nothing was changed"
    case .rolledBack: "failed or interrupted, and rolled back; the host is verified healthy"
    case .unhealthy: "the deploy or rollback failed; the host is not verified healthy"
    case .recovered: "an interrupted transaction was undone first; run the command again"
    case .checkFailed: "verify: a check failed; doctor: something was found; rehearse: it failed; prove: a row failed"
    case .unreachable: "--host: the host could not be reached or used; nothing was done there"
    case .connectionLost: "--host: the connection was lost; 'qtctl attach --host HOST' tells how the command ended"
    case .usage: "wrong usage"
    }
  }
}

/// One step of a transaction, as reported.
package struct StepResult: Sendable, Hashable, Codable {
  package enum Status: String, Sendable, Hashable, Codable {
    case planned, done, failed, skipped
  }

  package var name: String
  package var status: Status
  package var seconds: Double
  /// Why it was done, or what went wrong.
  package var detail: String
  /// When it began, in seconds from the first step on; `nil` where that is not known.
  package var at: Double?

  package init(name: String, status: Status, seconds: Double = 0, detail: String = "") {
    self.name = name
    self.status = status
    self.seconds = seconds
    self.detail = detail
  }
}

/// What one check of `verify` looked at and found.
package struct CheckResult: Sendable, Hashable, Codable {
  package enum Status: String, Sendable, Hashable, Codable {
    case pass, fail, warn, skip
  }

  /// The check's identifier, such as `unit.active`; part of the contract.
  package var id: String
  /// What was looked at: a unit, a stream, a group, a file.
  package var subject: String
  package var status: Status
  /// A sentence for an operator: what was expected and what was seen.
  package var detail: String
  /// What was seen, for programs. A value that is not known is `null`, never 0.
  package var evidence: [String: JSONValue]
  /// How long the check took.
  package var seconds: Double

  package init(
    id: String, subject: String, status: Status, detail: String, evidence: [String: JSONValue] = [:],
    seconds: Double = 0
  ) {
    self.id = id
    self.subject = subject
    self.status = status
    self.detail = detail
    self.evidence = evidence
    self.seconds = seconds
  }
}

extension [CheckResult] {
  /// Whether nothing failed. An empty list shows nothing and is not healthy.
  package var healthy: Bool { !isEmpty && allSatisfy { $0.status != .fail } }
  package var failures: [CheckResult] { filter { $0.status == .fail } }
}

/// An error that knows with which status a command ends because of it. Each says what is wrong, where, and what to do.
package protocol CommandError: Error, Sendable, CustomStringConvertible {
  var exitStatus: ExitStatus { get }
}

/// The manifest, the release or the host is not as a command needs it, so nothing was changed.
package struct Refusal: CommandError, Hashable {
  /// Every finding, so that one look is enough to fix them all.
  package var findings: [String]

  package init(_ findings: [String]) { self.findings = findings }

  package var exitStatus: ExitStatus { .refused }
  package var description: String { findings.joined(separator: "\n") }
}
