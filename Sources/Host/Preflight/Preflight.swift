internal import Deployment
internal import Glibc

/// Looks for all that would make a transaction fail half way, before anything is touched. Every finding says what,
/// where and what to do.
struct Preflight {
  let situation: PreflightSituation
  let checks: [any PreflightCheck]

  static var isRoot: Bool { geteuid() == 0 }
  static var pid: Int32 { getpid() }

  /// Before a deploy: everything.
  static func deploy(_ preparation: Preparation, _ context: HostContext) throws -> Preflight {
    Preflight(
      situation: try PreflightSituation(preparation, context),
      checks: [
        Quarantine(preparation), ReleaseTrust(), RoomLeft(), ProgramsRun(), FilesReachable(), EnvironmentFilesRead(),
        UnitSyntax(), UnitsThere(),
        RedisKeeps(), RollbackInTime(), TargetsAllowed(), StorePlace(),
      ])
  }

  /// Before a rollback: what would certainly keep it from the end. It puts back what has run here before, and a person
  /// at three in the morning wants that.
  static func rollback(_ aim: RollbackAim, _ store: BackupStore, _ context: HostContext) throws -> Preflight {
    Preflight(
      situation: try PreflightSituation(aim, store, context),
      checks: [StoreWritable(stamp: aim.record.stamp), RoomLeft(), UnitsThere(), TargetsAllowed()])
  }

  /// - Returns: what is worth a word and keeps nothing from being done.
  /// - Throws: `HostError.refused` with every finding.
  func check() async throws -> [String] {
    var findings: [String] = []
    var remarks: [String] = []
    for check in checks {
      findings += try await check.findings(situation)
      remarks += check.remarks(situation)
    }
    guard findings.isEmpty else { throw HostError.refused(findings) }
    return remarks
  }
}
