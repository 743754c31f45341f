@testable import Commit
import Deployment
import Glibc
import Releases
import Testing
import Transactions
import Units
import Verification

@Suite("Evidence and quarantine")
struct EvidenceTests {
  struct Crash: Error {}
  let sandbox: Sandbox
  private var folder: String { sandbox.root + "/state/evidence" }
  init() throws {
    sandbox = try Sandbox()
    sandbox.diagnostics.journal = [
      UnitDiagnostics.Line(at: 1_000_001, source: "a.service", pid: 7, message: "no config")
    ]
    sandbox.checks = { [unowned sandbox] _ in
      (try? TestFiles.read(sandbox.target("app"))) == "broken" ? Sandbox.failing : Sandbox.passing
    }
  }

  private func broken(_ version: String = "2") throws -> Release {
    try sandbox.release(version, ["app": "broken", "key": "hunter2"], secret: ["key"])
  }

  @Test("of a failed release holds journal, checks and changes, named after the backup", arguments: [true, false])
  func holds(rollback: Bool) async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "key": "hunter1"], secret: ["key"]))
    var options = DeployOptions()
    options.rollback = rollback
    let result = try await sandbox.deploy(broken(), options)
    let stamp = try #require(result.stamp).description
    #expect(TestFiles.names(folder) == [stamp] && result.message.contains("\(folder)/\(stamp)"))
    #expect(try TestFiles.facts("\(folder)/\(stamp)").st_mode & 0o7777 == 0o700)
    #expect(
      try TestFiles.read("\(folder)/\(stamp)/journal.txt") == "1970-01-01 00:00:01.000001Z a.service[7]: no config\n")
    #expect(try TestFiles.read("\(folder)/\(stamp)/checks.json").contains("it is down"))
    #expect(try TestFiles.read("\(folder)/\(stamp)/evidence.json").contains("\"fault\" : \"content\""))
    let diff = try TestFiles.read("\(folder)/\(stamp)/diff.txt")
    #expect(diff.contains("  -one\n") && diff.contains("  +broken\n") && diff.contains("secret, not shown"), "\(diff)")
    #expect(!diff.contains("hunter"))
  }

  @Test("that cannot be kept keeps nothing from being undone, and is said")
  func cannotBeKept() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try TestFiles.write("in the way", to: folder)
    let result = try await sandbox.deploy(broken())
    #expect(result.exit == .rolledBack)
    let step = try #require(result.steps.first { $0.name == "keep evidence" })
    #expect(step.status == .skipped && step.detail.contains(folder), "\(step)")
  }

  @Test("of the release that a rollback leaves is kept too; none where nothing is left")
  func rollback() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    let back = try await sandbox.rollBack()
    let stamp = try #require(back.stamp).description
    #expect(back.exit == .done && back.message.contains("\(folder)/\(stamp)"))
    let diff = try TestFiles.read("\(folder)/\(stamp)/diff.txt")
    #expect(diff.contains("  -one\n") && diff.contains("  +two\n"), "\(diff)")
    #expect(TestFiles.names(folder).count == 1)
  }

  @Test("a release that failed is refused until somebody says again; a success lifts it")
  func quarantine() async throws {
    let healthy = sandbox.checks
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let release = try broken()
    let first = try await sandbox.deploy(release)
    #expect(first.exit == .rolledBack)
    var again = DeployOptions()
    again.again = true
    for _ in 1...2 {
      let error = await #expect(throws: Refusal.self) { try await sandbox.deploy(release) }
      #expect(error?.exitStatus == .refused)
      for word in ["it is down", "--again", folder] { #expect(error?.description.contains(word) == true, "\(word)") }
      let planned = await #expect(throws: Refusal.self) {
        _ = try await Deploy(sandbox.context, recorder: StepRecorder()).preview(release, DeployOptions())
      }
      #expect(planned?.description.contains("--again") == true)
      // A failure renews it.
      #expect(try await sandbox.deploy(release, again).exit == .rolledBack)
    }
    sandbox.checks = { _ in Sandbox.passing }
    #expect(try await sandbox.deploy(release, again).exit == .done)
    try await sandbox.rollBack()
    #expect(try await sandbox.deploy(release).exit == .done)
    // What is on the host is proved, not tried.
    sandbox.checks = healthy
    #expect(try await sandbox.deploy(release).exit == .unhealthy)
  }

  @Test("a release is not blamed for an interruption, and one that was left where it is may be finished")
  func notBlamed() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let release = try sandbox.release("2", ["app": "two"])
    sandbox.services.onStart = { _ in throw Interrupted(signal: "SIGINT") }
    // The undo starts the unit too.
    _ = try await sandbox.deploy(release)
    sandbox.services.onStart = { _ in }
    #expect(try await sandbox.deploy(release).exit == .done)
    var options = DeployOptions()
    options.rollback = false
    let left = try broken("3")
    #expect(try await sandbox.deploy(left, options).exit == .unhealthy)
    sandbox.services.units["a.service"]?.active = "inactive"
    sandbox.checks = { _ in Sandbox.passing }
    #expect(try await sandbox.deploy(left).exit == .done)
  }
}
