@testable import Commit
import Backups
import Deployment
import Glibc
import Testing
import Transactions
import Units
import Verification

@Suite("A rollback")
struct RollbackTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  @Test("of a first install removes what it added, folders included")
  func firstInstall() async throws {
    let result = try await sandbox.deploy(sandbox.release("1", ["deep/er/app": "one"]))
    let back = try await sandbox.rollBack(result.stamp)
    #expect(back.exit == .done)
    #expect(!TestFiles.exists(sandbox.root + "/live"))
  }

  @Test("brings back content, mode, owner and time")
  func metadata() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"], mode: "4750"))
    chown(sandbox.target("app"), 1, 2)
    chmod(sandbox.target("app"), 0o4750)
    let before = try TestFiles.facts(sandbox.target("app"))
    var options = DeployOptions()
    options.acceptDrift = true
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two"]), options)
    try await sandbox.rollBack(result.stamp)
    let after = try TestFiles.facts(sandbox.target("app"))
    #expect(after.st_mode == before.st_mode && after.st_uid == 1 && after.st_gid == 2)
    #expect(after.st_mtim.tv_sec == before.st_mtim.tv_sec && after.st_mtim.tv_nsec == before.st_mtim.tv_nsec)
  }

  @Test("can itself be rolled back")
  func twice() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let second = try await sandbox.deploy(sandbox.release("2", ["app": "two", "extra": "e"]))
    let two = try sandbox.live()
    let back = try await sandbox.rollBack(second.stamp)
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
    #expect(!TestFiles.exists(sandbox.target("extra")))
    try await sandbox.rollBack(back.stamp)
    #expect(try sandbox.live() == two)
  }

  @Test("without a stamp takes the last verified state that differs from what runs")
  func noStamp() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    var unverified = DeployOptions()
    unverified.verify = false
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]), unverified)
    try await sandbox.deploy(sandbox.release("3", ["app": "three"]))
    try await sandbox.rollBack()
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
  }

  @Test("without a stamp passes over what is damaged, newest first, and says so", arguments: ["app", "backup.json"])
  func passesOver(_ file: String) async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    let third = try #require(try await sandbox.deploy(sandbox.release("3", ["app": "three"])).stamp)
    let path =
      file == "app" ? sandbox.store.contents(third) + sandbox.target("app") : sandbox.store.folder(third) + "/" + file
    try TestFiles.flipBit(path)
    let preview = try await Rollback(sandbox.context, recorder: StepRecorder())
      .preview(nil, in: sandbox.store, name: "sandbox")
    let back = try await sandbox.rollBack()
    #expect(back.exit == .done)
    for text in [preview.course, back.message] {
      #expect(text.contains("backup \(third) is damaged (") && text.contains("was skipped"), "\(text)")
      #expect(text.contains("release 1 (") && text.contains(" s old"), "\(text)")
    }
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
  }

  @Test("without a stamp says which is damaged when no other is left, and touches nothing")
  func onlyDamaged() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let second = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two"])).stamp)
    try TestFiles.flipBit(sandbox.store.contents(second) + sandbox.target("app"))
    let before = try sandbox.live()
    let error = await #expect(throws: BackupError.self) { try await sandbox.rollBack() }
    #expect(error?.exitStatus == .backupDamaged)
    #expect(try sandbox.live() == before)
  }

  @Test("works without the record of what is installed, and writes it anew", arguments: [true, false])
  func installedRecord(_ damaged: Bool) async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    let record = sandbox.root + "/state/installed/sandbox.json"
    if damaged { try TestFiles.write("{", to: record) } else { unlink(record) }
    let back = try await sandbox.rollBack()
    #expect(back.exit == .done && back.message.contains("cannot read") == damaged, "\(back.message)")
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
    #expect(try await sandbox.deploy(sandbox.release("1", ["app": "one"])).outcome == .unchanged)
  }

  @Test("after an interruption that touched nothing is not caught between the journal and a record that is damaged")
  func interruptedAndDamaged() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    try TestFiles.write("{", to: sandbox.root + "/state/installed/sandbox.json")
    let begin =
      #"{"begin":{"_0":{"name":"sandbox","command":"deploy","user":"tester","pid":1,"started":1,"store":"\#(sandbox.store.path)"}}}"#
    try TestFiles.write(begin + "\n", to: sandbox.root + "/state/transaction.jsonl")
    let error = await #expect(throws: TransactionError.self) { try await sandbox.rollBack() }
    #expect(error?.exitStatus == .recovered, "\(String(describing: error))")
    #expect(try await sandbox.rollBack().exit == .done)
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
  }

  @Test("without a stamp never goes to a state in which a unit was down")
  func noStampNoStoppedUnit() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    sandbox.services.units["a.service"]?.active = "inactive"
    // Starts the unit again, over a backup of the same release with the unit down.
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    let back = try await sandbox.rollBack()
    #expect(back.exit == .done)
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
    #expect(try sandbox.services.state(of: "a.service").active == "active")
  }

  @Test("to a state in which a unit was down leaves it down, and says so")
  func leavesStopped() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    sandbox.services.units["a.service"]?.active = "inactive"
    let second = try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    let back = try await sandbox.rollBack(second.stamp)
    #expect(try sandbox.services.state(of: "a.service").active == "inactive")
    #expect(back.message.contains("left stopped, as they were then: a.service"))
  }

  @Test("is refused where it would take away a mask that came since, also of a unit that was down")
  func maskedSince() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    sandbox.services.units["a.service"]?.active = "inactive"
    let second = try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    sandbox.services.units["a.service"]?.active = "inactive"
    sandbox.services.units["a.service"]?.load = "masked"
    let error = await #expect(throws: Refusal.self) { try await sandbox.rollBack(second.stamp) }
    #expect(error?.exitStatus == .refused && error?.description.contains("systemctl unmask a.service") == true)
    #expect(try TestFiles.read(sandbox.target("app")) == "two")
  }

  @Test("to what stands already touches nothing, takes no backup, and proves health")
  func toTheSame() async throws {
    let first = try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.rollBack(first.stamp)
    sandbox.services.forgetCalls()
    let stamps = try sandbox.store.stamps()
    let again = try await sandbox.rollBack(first.stamp)
    #expect(again.outcome == .unchanged && again.exit == .done && again.checks.count == 1)
    #expect(sandbox.services.calls.isEmpty)
    #expect(try sandbox.store.stamps() == stamps)
  }

  @Test("gives its checks no more time than is left until the deadline")
  func deadline() async throws {
    let first = try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    nonisolated(unsafe) var asked: Duration?
    sandbox.checks = { proof in
      asked = proof.stable
      return Sandbox.passing
    }
    try await sandbox.rollBack(first.stamp, deadline: .seconds(6))
    #expect(try #require(asked) <= .seconds(3))
  }

  @Test("without a stamp says so when no state was ever verified")
  func noneVerified() async throws {
    sandbox.services.add("a.service")
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let error = await #expect(throws: BackupError.self) { try await sandbox.rollBack() }
    #expect(error?.exitStatus == .noSuchStamp)
  }

  @Test("without a stamp goes back to what was in operation before the first deploy, where nothing newer was verified")
  func foundRunning() async throws {
    try TestFiles.write("by hand", to: sandbox.target("app"))
    sandbox.services.add("a.service", active: "active")
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let back = try await sandbox.rollBack()
    #expect(back.exit == .done, "\(back)")
    #expect(try TestFiles.read(sandbox.target("app")) == "by hand")
  }

  @Test("puts the files back even when a unit will not start, and says that it is not healthy")
  func unitFails() async throws {
    let first = try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try TestFiles.write("one", to: sandbox.target("app"))
    sandbox.services.onStart = { _ in throw UnitError.notReady(unit: "a.service", why: "it exits at once") }
    let back = try await sandbox.rollBack(first.stamp)
    #expect(back.exit == .unhealthy)
    #expect(!TestFiles.exists(sandbox.target("app")))
    #expect(back.message.contains("exits at once"))
  }

  @Test(
    "refuses what is no stamp and what is not there, and changes nothing",
    arguments: ["../../etc", "20260230_000000", "20200101_000000", "20200101_000000/..", ""])
  func badStamp(_ text: String) async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let before = try sandbox.live()
    let error = await #expect(throws: BackupError.self) {
      try await Rollback(sandbox.context, recorder: StepRecorder())
        .run(to: text, in: sandbox.store, name: "sandbox", Rollback.Options())
    }
    #expect(error?.exitStatus == .noSuchStamp)
    #expect(try sandbox.live() == before)
  }
}
