package import Deployment

/// Looks over a host for what is missing or unwise. It reads only; what it finds comes with the command that fixes it.
package struct Doctor {
  /// Each looks for one kind of fault.
  static var examinations: [any Examination.Type] {
    [
      NotReloaded.self, HiddenUnits.self, CrashLoops.self, DeletedPrograms.self, JournalInMemory.self,
      UnsafeFolders.self, DiskShortage.self, Leftovers.self, BootRecovery.self, RedisSettings.self,
    ]
  }

  private let host: HostView

  package init(_ host: HostView) { self.host = host }

  /// What was found, and what could not be looked at. Empty on a good host. Blocks the calling thread.
  package func examine() -> [CheckResult] {
    Self.examinations.flatMap { examination -> [CheckResult] in
      do {
        return try examination.findings(on: host).map { finding in
          CheckResult(
            id: examination.id, subject: finding.subject, status: .fail,
            detail: "\(finding.fault); run: \(finding.fix)",
            evidence: ["fix": .string(finding.fix)])
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
  /// The command that fixes it.
  package var fix: String

  package init(_ subject: String, _ fault: String, fix: String) {
    self.subject = subject
    self.fault = fault
    self.fix = fix
  }
}
