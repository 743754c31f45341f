@testable import Commit
import Backups
import Deployment
import Glibc
import Testing
import Transactions

@Suite("A deploy")
struct DeployTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  @Test("installs every file with its mode and leaves nothing staged")
  func installs() async throws {
    let result = try await sandbox.deploy(sandbox.release("1", ["app": "one", "etc/app.conf": "port 1"]))
    #expect(result.outcome == .deployed && result.exit == .done)
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
    #expect(try TestFiles.read(sandbox.target("etc/app.conf")) == "port 1")
    #expect(try TestFiles.facts(sandbox.target("app")).st_mode & 0o7777 == 0o640)
    #expect(try sandbox.live().keys.allSatisfy { !$0.contains("staged") })
  }

  @Test("asks for nothing that is known already while services are down")
  func asksBefore() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let services = sandbox.services
    services.forgetCalls()
    var isDown: [Bool] = []
    services.onFacts = { isDown.append(services.calls.contains { $0.hasPrefix("stop") }) }
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    #expect(services.calls.contains { $0.hasPrefix("stop") })
    #expect(!isDown.isEmpty && !isDown.contains(true))
  }

  @Test("touches no unit when nothing differs, and still proves health")
  func unchanged() async throws {
    let release = try sandbox.release("1", ["app": "one"])
    try await sandbox.deploy(release)
    sandbox.services.forgetCalls()
    let again = try await sandbox.deploy(release)
    #expect(again.outcome == .unchanged && again.exit == .done)
    #expect(sandbox.services.calls.isEmpty)
    #expect(again.checks.count == 1)
  }

  @Test("reports an unhealthy host even when nothing differs")
  func unchangedButUnhealthy() async throws {
    let release = try sandbox.release("1", ["app": "one"])
    try await sandbox.deploy(release)
    sandbox.checks = { _ in Sandbox.failing }
    let again = try await sandbox.deploy(release)
    #expect(again.exit == .unhealthy)
  }

  @Test("takes away what the last release had and this one has not")
  func removes() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one", "old/plugin": "x"]))
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    #expect(!TestFiles.exists(sandbox.target("old/plugin")))
    try await sandbox.rollBack(result.stamp)
    #expect(try TestFiles.read(sandbox.target("old/plugin")) == "x")
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
  }

  @Test("never overwrites a file that is the host's own, and backs it up all the same")
  func keeps() async throws {
    try TestFiles.write("by hand", to: sandbox.target("app.env"))
    let release = try sandbox.release("1", ["app": "one", "app.env": "default"], keep: ["app.env"])
    let result = try await sandbox.deploy(release)
    #expect(try TestFiles.read(sandbox.target("app.env")) == "by hand")
    let stamp = try #require(result.stamp)
    #expect(try TestFiles.read(sandbox.store.contents(stamp) + sandbox.target("app.env")) == "by hand")
  }

  @Test("refuses a host that was changed by hand, names the file, and changes nothing")
  func refusesDrift() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try TestFiles.write("hot fix", to: sandbox.target("app"))
    let before = try sandbox.live()
    let release = try sandbox.release("2", ["app": "two"])
    let error = await #expect(throws: TransactionError.self) { try await sandbox.deploy(release) }
    #expect(error?.exitStatus == .drift)
    #expect(error?.description.contains(sandbox.target("app")) == true)
    #expect(try sandbox.live() == before)
  }

  @Test("goes on over drift when told to, and keeps what it replaces")
  func acceptsDrift() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try TestFiles.write("hot fix", to: sandbox.target("app"))
    var options = DeployOptions()
    options.acceptDrift = true
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two"]), options)
    #expect(try TestFiles.read(sandbox.target("app")) == "two")
    try await sandbox.rollBack(result.stamp)
    #expect(try TestFiles.read(sandbox.target("app")) == "hot fix")
  }

  @Test("refuses before anything is touched", arguments: ["masked", "symlink", "unknown unit", "store inside"])
  func preflight(_ fault: String) async throws {
    let release = try sandbox.release("1", ["app": "one"])
    var options = DeployOptions()
    switch fault {
    case "masked": sandbox.services.units["a.service"]?.enablement = "masked"
    case "symlink":
      try TestFiles.write("elsewhere", to: sandbox.target("real"))
      symlink(sandbox.target("real"), sandbox.target("app"))
    case "unknown unit": sandbox.services.units = [:]
    default: options.store = sandbox.target("backups")
    }
    let error = await #expect(throws: Refusal.self) { _ = try await sandbox.deploy(release, options) }
    #expect(error?.exitStatus == .refused)
    #expect(sandbox.services.calls.isEmpty)
    #expect(!TestFiles.exists(sandbox.store.path))
  }

  @Test("says what it would do and does nothing, by the plan that it would apply")
  func dryRun() async throws {
    let release = try sandbox.release("1", ["app": "one"])
    let deploy = Deploy(sandbox.context, recorder: StepRecorder())
    let (_, plan) = try await deploy.preview(release, DeployOptions())
    #expect(!TestFiles.exists(sandbox.target("app")))
    let result = try await sandbox.deploy(release)
    let applied = result.steps.map(\.name)
    #expect(plan.steps.map { $0.action.description } == applied.filter { applied.contains($0) && Self.planned($0) })
  }

  private static func planned(_ step: String) -> Bool {
    !["plan", "preflight", "back up", "stage", "verify"].contains(step)
  }
}
