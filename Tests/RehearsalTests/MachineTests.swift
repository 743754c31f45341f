import Rehearsal
import Testing

@Suite struct MachineTests {
  @Test func bootsSystemdAsProcessOneWithRedisAnswering() async throws {
    let machine = try await Machine.boot()
    let one = try await machine.run(["cat", "/proc/1/comm"])
    #expect(one.stdout == "systemd\n")
    let pong = try await machine.run(["redis-cli", "PING"])
    #expect(pong.stdout == "PONG\n")
    #expect(await machine.state == .running)
    await machine.powerOff()
  }
}
