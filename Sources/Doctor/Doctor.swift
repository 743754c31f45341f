package import Deployment

/// Looks over a host for what is missing or unwise. It reads only; what it finds comes with the command that fixes it.
package struct Doctor {
  /// Each looks for one kind of fault.
  static var examinations: [any Examination.Type] {
    [
      Rights.self, Versions.self, NotReloaded.self, HiddenUnits.self, CrashLoops.self, DeletedPrograms.self,
      OutdatedPrograms.self, JournalInMemory.self, UnsetClock.self, UnsafeFolders.self, DiskShortage.self,
      Leftovers.self, BootRecovery.self, OtherWriters.self, AnsibleRuns.self, JobRunners.self, ApparmorProfiles.self,
      SELinuxMode.self, SELinuxLabels.self, Denials.self, RedisSettings.self, UnreadGroups.self,
    ]
  }

  private let host: HostView

  package init(_ host: HostView) { self.host = host }

  /// What was found, and what could not be looked at. Empty on a good host. Blocks the calling thread.
  package func examine() -> [CheckResult] {
    Self.examinations.flatMap { examination -> [CheckResult] in
      do {
        return try examination.findings(on: host).map { finding in
          guard let fix = finding.fix else {
            return CheckResult(
              id: examination.id, subject: finding.subject, status: .skip, detail: "not looked at: \(finding.fault)")
          }
          return CheckResult(
            id: examination.id, subject: finding.subject, status: .fail, detail: "\(finding.fault); run: \(fix)",
            evidence: ["fix": .string(fix)])
        }
      } catch {
        return [CheckResult(id: examination.id, subject: "host", status: .skip, detail: "not looked at: \(error)")]
      }
    }
  }
}

/// Looks for one kind of fault.
protocol Examination {
  /// Such as `unit.crashloop`; part of the contract.
  static var id: String { get }
  /// - Throws: what kept it from looking.
  static func findings(on host: HostView) throws -> [Finding]
}

/// One fault of the host.
package struct Finding: Hashable, Sendable {
  /// The unit, file or server at fault.
  package var subject: String
  package var fault: String
  /// The command that fixes it; `nil` where it could not be looked at, and `fault` says why.
  package var fix: String?

  package init(_ subject: String, _ fault: String, fix: String) {
    self.subject = subject
    self.fault = fault
    self.fix = fix
  }

  /// What could not be looked at.
  static func unseen(_ subject: String, _ why: String) -> Finding {
    var finding = Finding(subject, why, fix: "")
    finding.fix = nil
    return finding
  }
}
