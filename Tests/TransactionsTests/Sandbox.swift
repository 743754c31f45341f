@testable import Commit
import Backups
import Deployment
import Glibc
import HostState
import Releases
import TestSupport
import Transactions
import Units
import Verification

/// A host in a folder of its own: targets, releases, store and state lie in it, and it goes when the test ends.
final class Sandbox {
  private let folder: SuiteFolder
  var root: String { folder.path }
  let services = ScriptedServices()
  /// What the checks say; asked with the proof.
  var checks: (VerificationSpec) -> [CheckResult] = { _ in
    [CheckResult(id: "unit.active", subject: "a.service", status: .pass, detail: "it is up")]
  }
  /// What is known of the host before a transaction.
  var known: Baseline?
  /// What manager and journal say.
  var diagnostics = UnitDiagnostics()
  /// The wall clock: every look at it is a second later.
  var clock = 1_800_000_000

  init() throws {
    folder = try SuiteFolder(in: "/var/lib")
    // The unit is on the host already, as the services of a first deploy often are.
    services.add("a.service", active: "active")
  }

  var context: HostContext {
    var context = HostContext(
      state: StateFolder(path: root + "/state"), services: services, health: self, redis: NoRedis(),
      now: { [self] in
        clock += 1
        return clock
      }, user: "tester", command: "deploy")
    context.diagnostics = self
    return context
  }

  var store: BackupStore { BackupStore(path: root + "/store") }
  func target(_ name: String) -> String { root + "/live/" + name }

  /// Writes a release with one unit and these files, by target name.
  func release(
    _ version: String, _ files: [String: String], keep: Set<String> = [], secret: Set<String> = [],
    mode: String = "0640",
    store: String? = nil, extra: String = ""
  ) throws
    -> Release
  {
    let folder = root + "/release-" + version
    var yaml = "name: sandbox\nversion: \"\(version)\"\nbackups: {directory: \(store ?? root + "/store")}\nservices:\n"
    yaml += "  - unit: a.service\n    files:\n"
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      try TestFiles.write(text, to: folder + "/" + name)
      yaml += "      - {source: \"\(name)\", target: \"\(target(name))\", mode: \"\(mode)\", "
      yaml += "secret: \(secret.contains(name)), keep: \(keep.contains(name)), unsafe: \(mode.hasPrefix("4"))}\n"
    }
    // A hook that the release brings, for whoever names it.
    try TestFiles.write("#!/bin/sh\nexit 0\n", to: folder + "/hook")
    chmod(folder + "/hook", 0o755)
    try TestFiles.write(yaml + extra, to: folder + "/qtctl.yaml")
    return try Release(at: folder)
  }

  @discardableResult
  func deploy(_ release: Release, _ options: DeployOptions = DeployOptions()) async throws -> TransactionResult {
    try await Deploy(context, recorder: StepRecorder()).run(release, options)
  }

  @discardableResult
  func rollBack(_ stamp: Stamp? = nil, deadline: Duration? = nil) async throws -> TransactionResult {
    var options = Rollback.Options()
    options.deadline = deadline
    return try await Rollback(context, recorder: StepRecorder())
      .run(to: stamp?.description, in: store, name: "sandbox", options)
  }

  /// Every file and folder that is live, with its content; what a test compares before and after.
  func live() throws -> [String: String] { try TestFiles.snapshot(root + "/live") }
}

extension Sandbox: HealthVerification {
  func verify(_ spec: VerificationSpec, tell: (CheckResult) -> Void) async -> [CheckResult] {
    let results = checks(spec)
    results.forEach(tell)
    return results
  }

  func baseline(_ spec: VerificationSpec) -> Baseline? { known }
}

extension Sandbox: UnitDiagnosis {
  func diagnose(_ units: [String], past: Duration, within limit: Duration) async -> UnitDiagnostics { diagnostics }
}

/// A host whose manifests do not concern Redis.
struct NoRedis: RedisInspection {
  func fault(_ address: String) -> String? { nil }
  func cursors(_ groups: [Manifest.ConsumerGroup], _ address: String) -> [BackupRecord.Cursor] { [] }
  func shifts(to cursors: [BackupRecord.Cursor], _ address: String) -> [CursorShift] { [] }
  func put(_ shifts: [CursorShift], _ address: String) throws {}
}
