import Glibc
import Rehearsal
import Testing
import TestSupport

/// Nothing of a machine outlives it. The names are those of these tests alone, so that traces of them are theirs.
@Suite struct EndTests {
  @Test func nothingIsLeftAfterPowerOff() async throws {
    try await withMachine(.init(name: "ends-off")) { machine in
      let sleeper = try await machine.spawn(["sleep", "605"])
      #expect(!Traces(of: "ends-off").isEmpty)
      await machine.powerOff()
      #expect(Traces(of: "ends-off").description == "")
      #expect(await machine.state == .off)
      let ended1 = try await sleeper.output(within: .seconds(5)).status
      #expect(ended1 == .signaled(9))
      await #expect(throws: MachineError.notRunning) { try await machine.run(["true"]) }
      await machine.powerOff()
    }
  }

  @Test func nothingIsLeftWhenTheLastReferenceGoes() async throws {
    _ = try await Machine.boot(.init(name: "ends-forgotten"))
    try await eventually("every trace is gone") { Traces(of: "ends-forgotten").isEmpty }
  }

  @Test func nothingIsLeftWhenTheBootFails() async throws {
    let configuration = Machine.Configuration(name: "ends-failing", units: ["dbus.service", "no-such.service"])
    let error = await #expect(throws: MachineError.self) { try await Machine.boot(configuration) }
    guard case .unitsDown(["no-such.service"], let detail) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(detail.contains("no-such.service could not be found"))
    #expect(Traces(of: "ends-failing").description == "")
  }

  @Test func nothingIsLeftWhenTheBootTakesTooLong() async throws {
    let configuration = Machine.Configuration(name: "ends-late", bootDeadline: .milliseconds(80))
    let error = await #expect(throws: MachineError.self) { try await Machine.boot(configuration) }
    guard case .bootTimedOut(.milliseconds(80), _) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(Traces(of: "ends-late").description == "")
  }

  @Test(arguments: [0, 30, 100, 200, 300, 1500])
  func nothingIsLeftWhenTheBootIsCancelled(afterMilliseconds pause: Int) async throws {
    let name = "ends-cancelled-\(pause)"
    try await cancelBoot(of: name, after: .milliseconds(pause))
    try await eventually("every trace is gone") { Traces(of: name).isEmpty }
  }

  /// A boot that was over before the cancellation is a machine, and goes with its last reference: the task's, which ends
  /// here.
  private func cancelBoot(of name: String, after pause: Duration) async throws {
    let boot = Task { try await Machine.boot(.init(name: name)) }
    try await Task.sleep(for: pause)
    boot.cancel()
    if case .failure(let error) = await boot.result { #expect(error is CancellationError) }
  }

  @Test func nothingIsLeftAfterSIGKILLOfTheCaller() async throws {
    let result = await #expect(processExitsWith: .signal(SIGKILL), observing: [\.standardOutputContent]) {
      let machine = try await Machine.boot(.init(name: "ends-killed"))
      _ = try await machine.spawn(["sleep", "606"])
      print(Traces(of: "ends-killed").isEmpty ? "no trace" : "traces")
      fflush(nil)
      kill(getpid(), SIGKILL)
      withExtendedLifetime(machine) {}
    }
    let output = String(decoding: result?.standardOutputContent ?? [], as: UTF8.self)
    #expect(output.contains("traces\n"))
    try await eventually("every trace is gone") { Traces(of: "ends-killed").isEmpty }
  }

  @Test func nothingIsLeftAfterSIGKILLInTheMiddleOfTheBoot() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) {
      let boot = Task { try await Machine.boot(.init(name: "ends-killed-early")) }
      while Traces(of: "ends-killed-early").cgroups.isEmpty { await Task.yield() }
      kill(getpid(), SIGKILL)
      _ = try await boot.value
    }
    try await eventually("every trace is gone") { Traces(of: "ends-killed-early").isEmpty }
  }

  @Test func theMachineDiesWithItsSupervisorAndTheNextOneRemovesItsCgroup() async throws {
    let machine = try await Machine.boot(.init(name: "ends-orphaned"))
    let supervisor = try #require(Traces(of: "ends-orphaned").processes.first { $0.contains("# Holds one") })
    let number = try #require(supervisor.split(separator: " ").first.flatMap { Int32($0) })
    kill(number, SIGKILL)
    try await eventually("every process is gone") { Traces(of: "ends-orphaned").processes.isEmpty }
    await #expect(throws: MachineError.notRunning) { try await machine.run(["true"]) }
    await machine.powerOff()
    try await withMachine { _ in
      #expect(Traces(of: "ends-orphaned").isEmpty)
    }
  }

  @Test func aMachineShutDownFromInsideIsNotRunning() async throws {
    let name = "ends-inside"
    func isUp() -> Bool { Traces(of: name).processes.contains { $0.contains(" systemd-nspawn --") } }
    try await withMachine(.init(name: name)) { machine in
      try #require(isUp())
      _ = try await machine.spawn(["systemctl", "--no-block", "poweroff"])
      // Looked at from outside: a command in the machine would hold up the shutdown that is waited for.
      try await eventually("the machine is down") { !isUp() }
      await #expect(throws: MachineError.notRunning) { try await machine.run(["true"]) }
    }
  }
}
