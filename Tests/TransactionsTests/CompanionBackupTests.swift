import Backups
import Deployment
import FileOperations
import Glibc
import Testing
import Transactions

@Suite("A backup of what belongs to a unit")
struct CompanionBackupTests {
  let sandbox: Sandbox
  private var environment: String { sandbox.root + "/etc/a b\n'c.env" }
  private var link: String { sandbox.root + "/etc/link.env" }

  init() throws {
    sandbox = try Sandbox()
    for path in [environment, link] {
      sandbox.services.companions.append(UnitArtifact(path: path, unit: "a.service", role: .environment))
    }
    try TestFiles.write("one", to: environment)
    try #require(symlink("a b\n'c.env", link) == 0)
  }

  @Test("brings contents and symlinks back, and saves what it takes their place of")
  func rollback() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    let stamp = try #require(try await sandbox.deploy(sandbox.release("2", ["app": "two"])).stamp)
    try TestFiles.write("two", to: environment)
    unlink(link)
    let back = try await sandbox.rollBack(stamp)
    #expect(back.exit == .done)
    #expect(try TestFiles.read(environment) == "one" && TestFiles.read(link) == "one")
    #expect(try FileState.read(link).link == "a b\n'c.env")
    let again = try await sandbox.rollBack(stamp)
    #expect(again.outcome == .unchanged)
    try await sandbox.rollBack(back.stamp)
    #expect(try TestFiles.read(environment) == "two" && !TestFiles.exists(link))
  }

  @Test("keeps them out of drift, and a bare rollback goes to another release whatever became of them")
  func bare() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    // A verified backup of the second release, with what was mended since.
    var all = DeployOptions()
    all.all = true
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]), all)
    try TestFiles.write("mended", to: environment)
    try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    try await sandbox.rollBack()
    #expect(try TestFiles.read(sandbox.target("app")) == "one")
  }

  @Test("says that they are secret, and what they are to the unit")
  func record() async throws {
    let stamp = try #require(try await sandbox.deploy(sandbox.release("1", ["app": "one"])).stamp)
    let entries = try sandbox.store.record(stamp).entries.filter { $0.role != nil }
    #expect(entries.map(\.path) == [environment, link])
    #expect(entries.allSatisfy { $0.secret && $0.role == .environment && $0.unit == "a.service" })
  }

  @Test("does not put back, in an undo, what somebody changed meanwhile; nor does its proof ask for it")
  func undo() async throws {
    try await sandbox.deploy(sandbox.release("1", ["app": "one"]))
    nonisolated(unsafe) var proved: [String] = []
    sandbox.checks = { [unowned sandbox, environment] proof in
      proved = proof.files.map(\.path)
      guard (try? TestFiles.read(sandbox.target("app"))) == "two" else { return Sandbox.passing }
      try? TestFiles.write("meanwhile", to: environment)
      return Sandbox.failing
    }
    let result = try await sandbox.deploy(sandbox.release("2", ["app": "two"]))
    #expect(result.exit == .rolledBack)
    #expect(try TestFiles.read(environment) == "meanwhile")
    #expect(proved == [sandbox.target("app")])
  }

  @Test("is damaged where a link is gone, leads elsewhere, or is one too many")
  func damagedLink() async throws {
    let stamp = try #require(try await sandbox.deploy(sandbox.release("1", ["app": "one"])).stamp)
    let saved = sandbox.store.contents(stamp) + link
    #expect(try sandbox.store.check(stamp).status == .pass)
    unlink(saved)
    #expect(try sandbox.store.check(stamp).status == .fail)
    symlink("elsewhere", saved)
    #expect(try sandbox.store.check(stamp).status == .fail)
    unlink(saved)
    symlink("a b\n'c.env", saved)
    #expect(try sandbox.store.check(stamp).status == .pass)
    symlink("elsewhere", saved + ".too")
    #expect(try sandbox.store.check(stamp).status == .fail)
  }
}
