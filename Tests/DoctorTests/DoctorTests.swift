import HostState
import Systemd
import Testing

@testable import Doctor

@Suite("The doctor")
struct DoctorTests {
  private static let state = StateFolder(path: "/var/lib/qtctl-of-no-host")

  @Test("names a service that waits to be started again, and leaves one that runs")
  func crashLoop() {
    var looping = UnitStatus(unit: "loop.service")
    looping.subState = "auto-restart"
    looping.nRestarts = 7
    var running = UnitStatus(unit: "fine.service")
    running.subState = "running"
    let found = CrashLoops.findings(on: HostView(state: Self.state, services: [looping, running]))
    #expect(found.map(\.subject) == ["loop.service"])
    #expect(found.first?.fault.contains("7 restarts") == true)
  }

  @Test("names a unit that systemd has not read again")
  func reload() {
    var changed = UnitStatus(unit: "changed.service")
    changed.needDaemonReload = true
    let services = [changed, UnitStatus(unit: "fine.service")]
    let found = NotReloaded.findings(on: HostView(state: Self.state, services: services))
    #expect(found.map(\.subject) == ["changed.service"])
    #expect(found.first?.fix == "systemctl daemon-reload")
  }

  @Test(
    "names what makes Redis lose entries",
    arguments: [
      ("aof_enabled:1\r\nmaxmemory:0\r\nmaxmemory_policy:allkeys-lru\r\n", 0),
      ("aof_enabled:1\r\nmaxmemory:9\r\nmaxmemory_policy:noeviction\r\n", 0),
      ("aof_enabled:0\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n", 1),
      ("aof_enabled:1\r\nmaxmemory:9\r\nmaxmemory_policy:allkeys-lru\r\n", 1),
    ])
  func redis(_ info: String, _ count: Int) {
    #expect(RedisSettings.faults(info, server: "here").count == count)
  }

  @Test("asks for boot recovery only where something was deployed")
  func bootRecovery() {
    var host = HostView(state: Self.state, hasReleases: true)
    host.recovery = UnitFileState(rawValue: "disabled")
    #expect(BootRecovery.findings(on: host).count == 1)
    host.hasReleases = false
    #expect(BootRecovery.findings(on: host).isEmpty)
    host.hasReleases = true
    host.recovery = UnitFileState(rawValue: "enabled")
    #expect(BootRecovery.findings(on: host).isEmpty)
  }

  @Test(
    "quotes what a shell would take apart", arguments: [("/a/b-c", "/a/b-c"), ("a b", "'a b'"), ("it's", "'it'\\''s'")])
  func quotes(_ word: String, _ shown: String) {
    #expect(HostView.quoted(word) == shown)
  }
}
