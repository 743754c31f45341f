import Deployment
import FileOperations
import HostState
import Releases
import Testing
import Transactions

@Suite("The hooks of a deploy")
struct HookTests {
  struct Crash: Error {}
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  private func release(_ version: String, undo: Bool = true) throws -> Release {
    let undo = undo ? ", undo: [./hook, back]" : ""
    return try sandbox.release(
      version, ["app": version],
      extra: """
        hooks:
          prepare: {run: [/bin/true]}
          migrate: {run: [/bin/true]\(undo)}
          finished: {run: [/bin/true]}

        """)
  }

  private var hooks: [String] { sandbox.services.calls.filter { $0.hasPrefix("run") } }
  private var order: [String] {
    sandbox.services.calls.filter { !$0.hasPrefix("arm") && !$0.hasPrefix("end") && $0 != "reload" }
  }

  @Test("run in their places, and not where no file changes")
  func order() async throws {
    var inputs: [HookInput] = []
    var folders: [String] = []
    sandbox.services.onHook = { [unowned sandbox] call in
      inputs.append(call.input)
      folders.append(call.folder)
      #expect(TestFiles.exists(sandbox.target("app")) == (call.name != .prepare))
      return HookEnd(.exited(0), output: "")
    }
    let result = try await sandbox.deploy(release("1"))
    #expect(result.outcome == .deployed, "\(result.message)")
    #expect(order == ["run prepare", "stop a.service", "run migrate", "start a.service", "run finished"])
    #expect(inputs.map(\.outcome) == [nil, nil, .deployed])
    #expect(inputs.allSatisfy { $0.name == "sandbox" && $0.stamp == result.stamp && $0.to?.version == "1" })
    #expect(inputs[1].files == [sandbox.target("app")] && inputs[1].units == ["a.service"])
    #expect(Set(folders) == [sandbox.root + "/release-1"])
    sandbox.services.forgetCalls()
    let again = try await sandbox.deploy(release("1"))
    #expect(again.outcome == .unchanged && hooks.isEmpty)
    var all = DeployOptions()
    all.all = true
    #expect(try await sandbox.deploy(release("1"), all).outcome == .deployed)
    #expect(hooks.isEmpty && order.contains("start a.service"))
    #expect(!TestFiles.exists(sandbox.root + "/state/migration"))
  }

  @Test("change nothing where prepare fails, and say what it printed")
  func prepareFails() async throws {
    sandbox.services.onHook = { _ in HookEnd(.exited(3), output: "no\u{1b}[2Jspace\nlast line\n") }
    let error = await #expect(throws: HookError.self) { try await sandbox.deploy(release("1")) }
    #expect(error?.exitStatus == .refused && error?.description.contains("status 3") == true)
    #expect(error?.description.contains("last line") == true)
    #expect(order == ["run prepare"] && !TestFiles.exists(sandbox.root + "/live"))
    #expect(!TestFiles.exists(sandbox.root + "/state/transaction.jsonl"))
  }

  @Test("are undone once where migrate, a start or a check fails", arguments: ["migrate", "start", "check"])
  func undone(_ what: String) async throws {
    try await sandbox.deploy(release("1"))
    sandbox.services.forgetCalls()
    var seen: String?
    sandbox.services.onHook = { [unowned sandbox] call in
      if call.name == .undo {
        seen = try TestFiles.read(sandbox.target("app"))
        #expect(call.folder == sandbox.root + "/state/migration" && TestFiles.exists(call.folder + "/hook"))
        // Whatever becomes of the release.
        #expect(call.program == sandbox.root + "/state/migration/./hook")
      }
      return HookEnd(.exited(call.name == .migrate && what == "migrate" ? 1 : 0), output: "")
    }
    sandbox.services.onStart = { [unowned sandbox] _ in
      if what == "start", try TestFiles.read(sandbox.target("app")) == "2" { throw Crash() }
    }
    sandbox.checks = { [unowned sandbox] _ in
      (try? TestFiles.read(sandbox.target("app"))) == "2" && what == "check" ? Sandbox.failing : Sandbox.passing
    }
    let result = try await sandbox.deploy(release("2"))
    #expect(result.exit == .rolledBack, "\(result.message)")
    #expect(try TestFiles.read(sandbox.target("app")) == "1")
    #expect(hooks == ["run prepare", "run migrate", "run undo", "run finished"])
    #expect(seen == "2")
    let undo = try #require(sandbox.services.calls.firstIndex(of: "run undo"))
    #expect(try undo < #require(sandbox.services.calls.lastIndex(of: "start a.service")))
  }

  @Test("are tried once more where undo fails, and told where that fails too", arguments: [1, 2])
  func undoFails(_ failures: Int) async throws {
    try await sandbox.deploy(release("1"))
    sandbox.services.forgetCalls()
    var left = failures
    sandbox.services.onHook = { call in
      guard call.name == .undo else { return HookEnd(.exited(call.name == .migrate ? 1 : 0), output: "") }
      left -= 1
      return HookEnd(left >= 0 ? .signaled(9) : .exited(0), output: "out")
    }
    let result = try await sandbox.deploy(release("2"))
    #expect(hooks == ["run prepare", "run migrate", "run undo", "run undo", "run finished"])
    #expect(try TestFiles.read(sandbox.target("app")) == "1")
    #expect(try sandbox.services.state(of: "a.service").active == "active")
    #expect(result.exit == (failures == 1 ? .rolledBack : .unhealthy), "\(result.message)")
    let place = sandbox.root + "/state/undo-failed-\(try #require(result.stamp))"
    #expect(TestFiles.exists(place + "/hook") == (failures == 2))
    #expect(result.message.contains(place) == (failures == 2))
    #expect(!TestFiles.exists(sandbox.root + "/state/transaction.jsonl"))
  }

  @Test("only warn where finished fails")
  func finishedFails() async throws {
    sandbox.services.onHook = { call in
      HookEnd(call.name == .finished ? .late : .exited(0), output: "")
    }
    let result = try await sandbox.deploy(release("1"))
    #expect(result.exit == .done && result.message.contains("warning: hook finished"), "\(result.message)")
  }

  @Test("are named by a rollback, which does not run them")
  func rollback() async throws {
    let first = try await sandbox.deploy(release("1"))
    let second = try await sandbox.deploy(release("2"))
    #expect(first.outcome == .deployed)
    sandbox.services.forgetCalls()
    let result = try await sandbox.rollBack(second.stamp)
    #expect(result.exit == .done && hooks.isEmpty)
    #expect(result.message.contains("hook migrate of release 2") && result.message.contains("./hook back"))
  }

  @Test("are refused before anything is touched where a program is missing or cannot be run")
  func refused() async throws {
    for (text, word) in [
      ("prepare: {run: [/nowhere/program]}", "'/nowhere/program' does not exist; install it"),
      ("migrate: {run: [./missing]}", "add it to the release"),
      ("migrate: {run: [/bin/true], undo: [./app]}", "hook migrate's undo: "),
    ] {
      let release = try sandbox.release("9", ["app": "x"], extra: "hooks: {\(text)}\n")
      let error = await #expect(throws: Refusal.self) { try await sandbox.deploy(release) }
      #expect(error?.description.contains(word) == true, "\(String(describing: error))")
    }
    #expect(sandbox.services.calls.isEmpty)
  }
}
