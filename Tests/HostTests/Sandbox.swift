import Deployment
import Glibc
import Host
import Testing

/// A host in a folder of its own: targets, releases, store and state lie in it, and it goes when the test ends.
final class Sandbox {
  let root: String
  let services = ScriptedServices()
  /// What the checks say; asked with the proof.
  var checks: (Proof) -> [CheckResult] = { _ in
    [CheckResult(id: "unit.active", subject: "a.service", status: .pass, detail: "it is up")]
  }
  /// What manager and journal say.
  var testimony = Testimony()
  /// The wall clock: every look at it is a second later.
  var clock = 1_800_000_000

  init() throws {
    var template = Array("/var/lib/qtctl-test-XXXXXX".utf8CString)
    root = try #require(mkdtemp(&template).map { String(cString: $0) })
    // The unit is on the host already, as the services of a first deploy often are.
    services.add("a.service", active: "active")
  }

  deinit { TestFiles.removeTree(root) }

  var context: HostContext {
    var context = HostContext(
      state: StateFolder(path: root + "/state"), services: services,
      prove: { [self] proof, tell in
        let results = checks(proof)
        results.forEach(tell)
        return results
      },
      now: { [self] in
        clock += 1
        return clock
      }, user: "tester", command: "deploy")
    context.witness = { [self] _, _, _ in testimony }
    return context
  }

  var store: BackupStore { BackupStore(path: root + "/store") }
  func target(_ name: String) -> String { root + "/live/" + name }

  /// Writes a release with one unit and these files, by target name.
  func release(
    _ version: String, _ files: [String: String], keep: Set<String> = [], secret: Set<String> = [],
    mode: String = "0640",
    store: String? = nil
  ) throws
    -> Release
  {
    let folder = root + "/release-" + version
    var yaml = "name: sandbox\nversion: \"\(version)\"\nbackups: {directory: \(store ?? root + "/store")}\nservices:\n"
    yaml += "  - unit: a.service\n    files:\n"
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      try TestFiles.write(text, to: folder + "/" + name)
      yaml += "      - {source: \"\(name)\", target: \"\(target(name))\", mode: \"\(mode)\", "
      yaml += "secret: \(secret.contains(name)), keep: \(keep.contains(name))}\n"
    }
    try TestFiles.write(yaml, to: folder + "/qtctl.yaml")
    return try Release(at: folder)
  }

  @discardableResult
  func deploy(_ release: Release, _ options: DeployOptions = DeployOptions()) async throws -> TransactionResult {
    try await Deployer(context, recorder: StepRecorder()).deploy(release, options)
  }

  @discardableResult
  func rollBack(_ stamp: Stamp? = nil, deadline: Duration? = nil) async throws -> TransactionResult {
    var options = Rollback.Options()
    options.deadline = deadline
    return try await Rollback(context, recorder: StepRecorder())
      .roll(back: stamp?.description, in: store, name: "sandbox", options)
  }

  /// Every file and folder that is live, with its content; what a test compares before and after.
  func live() throws -> [String: String] { try TestFiles.snapshot(root + "/live") }
}
