package import Deployment

/// What came out of a rehearsal.
package struct RehearsalRecord: Sendable, Hashable, Codable {
  /// One thing that was tried, in the order in which it was.
  package struct Phase: Sendable, Hashable, Codable {
    package enum Name: String, Sendable, Hashable, Codable {
      case boot, deploy, reboot, verify, rollback
    }

    package var name: Name
    package var passed: Bool
    /// How long it took in the machine, as qtctl there tells it.
    package var seconds: Double
    /// The exit status of qtctl in the machine; `nil` for what is no command of it.
    package var exit: Int32?
    /// What it said.
    package var message: String
    package var steps: [StepResult] = []
    package var checks: [CheckResult] = []
  }

  package var phases: [Phase] = []
  /// What the deploy would change on the host: its steps between staging and verifying, with their reasons.
  package var changes: [StepResult] = []
  /// The last lines of the journal in the machine, where something failed.
  package var journal: [String] = []
  /// What was not as on the host, in sentences.
  package var notes: [String] = []
  /// Whether the release is on the host already, so that a deploy changes nothing.
  package var isUnchanged = false

  package init() {}

  /// Whether all of it worked.
  package var passed: Bool { !phases.isEmpty && phases.allSatisfy(\.passed) }
  package var failure: Phase? { phases.first { !$0.passed } }

  package func phase(_ name: Phase.Name) -> Phase? { phases.first { $0.name == name } }

  /// How long it would take on the host, in seconds; `nil` where it was not tried or failed.
  package func prediction(_ name: Phase.Name) -> Double? { phase(name).flatMap { $0.passed ? $0.seconds : nil } }
}

/// The host cannot rehearse, or not this release. Nothing was tried, and nothing was changed.
package struct RehearsalUnavailable: CommandError, Hashable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }

  package var exitStatus: ExitStatus { .refused }
  package var description: String { "cannot rehearse here: \(reason)" }
}
