internal import Deployment

/// One concern of preflight. A new one is a file in `Checks/` and a line in `Preflight.beforeDeploy` or
/// `Preflight.beforeRollback`.
package protocol PreflightCheck: Sendable {
  /// What must be fixed first; each says what, where and what to do. Changes nothing on the host.
  func findings(_ situation: PreflightSituation) async throws -> [String]
  /// What is worth a word and refuses nothing.
  func remarks(_ situation: PreflightSituation) async -> [String]
}

extension PreflightCheck {
  package func remarks(_ situation: PreflightSituation) -> [String] { [] }
}

/// Looks for everything that would make a transaction fail half way, before anything is touched.
package enum Preflight {
  /// Before a deploy: everything.
  static let beforeDeploy: [any PreflightCheck] = [
    Quarantine(), PlanApplies(), ChecksCanRun(), UnitsStoppable(), ReleaseTrust(), DiskSpaceCheck(), ProgramsRun(),
    FilesReachable(),
    EnvironmentFilesRead(), UnitSyntax(), UnitsThere(), UnitsInForce(), RedisKeeps(), RollbackInTime(), ReloadsWork(),
    HooksRun(),
    TargetsAllowed(), TargetOwners(), HostSafety(), PackagedTargets(), StorePlace(),
    StoreTrust(),
  ]

  /// Before a rollback: what would certainly keep it from its end. It puts back what has run here before, and a person
  /// at three in the morning wants that.
  static let beforeRollback: [any PreflightCheck] = [
    StoreTrust(), StoreWritable(), PlanApplies(), DiskSpaceCheck(), UnitsThere(), UnitsStoppable(), TargetsAllowed(),
  ]

  /// Before a backup that no deploy asks for.
  static let beforeBackup: [any PreflightCheck] = [StorePlace(), StoreTrust(), DiskSpaceCheck()]

  private static func checks(_ kind: PreflightSituation.Change.Kind) -> [any PreflightCheck] {
    switch kind {
    case .deploy: beforeDeploy
    case .rollback: beforeRollback
    case .backup: beforeBackup
    }
  }

  /// - Returns: what is worth a word and keeps nothing from being done.
  /// - Throws: `Refusal` with every finding.
  package static func check(_ situation: PreflightSituation) async throws -> [String] {
    var findings: [String] = []
    var remarks: [String] = []
    for check in checks(situation.change.kind) {
      findings += try await check.findings(situation)
      remarks += await check.remarks(situation)
    }
    guard findings.isEmpty else { throw Refusal(findings) }
    return remarks
  }
}
