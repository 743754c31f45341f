@testable import Commit
import Deployment
import FileOperations
import Testing
import Transactions
import Units

@Suite("A deploy that fails")
struct FailedDeployTests {
  struct Crash: Error {}
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  @Test("goes back byte for byte when a unit does not start", arguments: [true, false])
  func startFails(first: Bool) async throws {
    if !first { try await sandbox.deploy(sandbox.release("1", ["app": "one", "old": "x"])) }
    let before = try sandbox.live()
    sandbox.services.onStart = { [unowned sandbox] _ in
      if try TestFiles.read(sandbox.target("app")) == "broken" { throw Crash() }
    }
    if first { try TestFiles.write("one", to: sandbox.target("app")) }
    let start = first ? try sandbox.live() : before
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "broken", "deep/new/file": "y"]))
    #expect(result.exit == .rolledBack && result.outcome == .undone)
    #expect(try sandbox.live() == start)
    #expect(try sandbox.services.state(of: "a.service").active == "active")
  }

  @Test("goes back when a check fails, and proves the old state by the same checks")
  func checkFails() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let before = try sandbox.live()
    sandbox.checks = { [unowned sandbox] _ in
      (try? TestFiles.read(sandbox.target("app"))) == "two" ? Sandbox.failing : Sandbox.passing
    }
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    #expect(result.exit == .rolledBack)
    #expect(try sandbox.live() == before)
    #expect(result.checks == Sandbox.passing)
    // What was refused is not what is installed: the next deploy sees no drift.
    let next = try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    #expect(next.outcome == .unchanged && next.exit == .done)
  }

  @Test("never reports a health that it has not seen")
  func undoUnhealthy() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    sandbox.checks = { _ in Sandbox.failing }
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    #expect(result.exit == .unhealthy)
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
    #expect(result.message.contains("not verified healthy"))
  }

  @Test("excuses on the way back a unit that failed before, though the deploy has stopped it since")
  func ailing() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    sandbox.services.onStart = { throw UnitError.notReady(unit: $0, why: "it is failed") }
    #expect(try await sandbox.deploy(sandbox.release("2", ["app": "two"])).exit == .unhealthy)
    sandbox.services.add("a.service", active: "active")
    sandbox.known = Baseline(units: ["a.service": .init(condition: .crashLooping, state: "activating", isUp: true)])
    #expect(try await sandbox.deploy(sandbox.release("3", ["app": "three"])).exit == .rolledBack)
  }

  @Test("takes no checks at all for no proof")
  func noChecks() async throws {
    sandbox.checks = { _ in [] }
    let result = try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    #expect(result.exit == .unhealthy)
  }

  @Test("is left as it is when told so, and says how to go back")
  func noRollback() async throws {
    sandbox.checks = { _ in Sandbox.failing }
    var options = DeployOptions()
    options.rollback = false
    let result = try await sandbox.deploy(sandbox.release("1", ["app": "one"]), options)
    #expect(result.exit == .unhealthy)
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
    #expect(result.message.contains("qtctl rollback \(try #require(result.stamp))"))
  }

  @Test("that cannot be prepared touches nothing that runs and leaves nothing behind")
  func prepareFails() async throws {
    let release = try sandbox.release("1", ["app": "one", "deep/file": "x"])
    // The source changes between the plan and the copy.
    let deploy = Deploy(sandbox.context, recorder: StepRecorder())
    try TestFiles.write("other", to: sandbox.root + "/release-1/app")
    await #expect(throws: FileChanged(path: sandbox.root + "/release-1/app")) {
      try await deploy.run(release, DeployOptions())
    }
    #expect(sandbox.services.calls.isEmpty)
    #expect(!TestFiles.exists(sandbox.root + "/live"))
    #expect(!TestFiles.exists(sandbox.root + "/state/transaction.jsonl"))
  }
}

extension Sandbox {
  static let passing = [CheckResult(id: "unit.active", subject: "a.service", status: .pass, detail: "it is up")]
  static let failing = [CheckResult(id: "unit.active", subject: "a.service", status: .fail, detail: "it is down")]
}
