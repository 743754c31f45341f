import HostState
import Redis
import Systemd
import Testing

@testable import Doctor

@Suite("The doctor")
struct DoctorTests {
  private static let state = StateFolder(path: "/var/lib/qtctl-of-no-host")

  @Test("calls a loop what failed several times and is up again, and not one restart")
  func crashLoop() {
    var looping = UnitStatus(unit: "loop.service")
    looping.activeState = .activating
    looping.nRestarts = 7
    #expect(CrashLoops.isCandidate(looping))
    #expect(CrashLoops.finding(looping, failures: 2) == nil)
    #expect(CrashLoops.finding(looping, failures: 3)?.fault.contains("failed 3 times") == true)
    looping.nRestarts = 1
    #expect(!CrashLoops.isCandidate(looping))
    looping.nRestarts = 7
    looping.activeState = .failed
    #expect(!CrashLoops.isCandidate(looping))
  }

  @Test("names a unit that systemd has not read again")
  func reload() throws {
    var changed = UnitStatus(unit: "changed.service")
    changed.needDaemonReload = true
    let services = [changed, UnitStatus(unit: "fine.service")]
    let found = try NotReloaded.findings(on: HostView(state: Self.state, services: services))
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
    #expect(RedisSettings.faults(info, server: "here", client: "redis-cli").count == count)
  }

  @Test(
    "names the server in a command of redis-cli",
    arguments: [
      ("redis://127.0.0.1:6380/0", "redis-cli -h 127.0.0.1 -p 6380"),
      ("redis://me:secret@[::1]:6379/0", "redis-cli -h ::1 -p 6379 --user me --askpass"),
      ("unix:///run/redis/a b.sock", "redis-cli -s '/run/redis/a b.sock'"),
      (
        "redis+sentinel://10.0.0.1:26380/main",
        "redis-cli -h $(redis-cli -h 10.0.0.1 -p 26380 sentinel get-master-addr-by-name main | sed -n 1p)"
          + " -p $(redis-cli -h 10.0.0.1 -p 26380 sentinel get-master-addr-by-name main | sed -n 2p)"
      ),
    ])
  func address(_ url: String, _ command: String) throws {
    #expect(RedisServers.client(try Endpoint(url)) == command)
  }

  @Test("looks at each Redis once, under the address that has the password")
  func distinct() {
    let named = "redis://:secret@localhost:6379/3"
    let found = RedisServers.distinct(
      named: [named], running: ["redis://127.0.0.1:6379/0", "redis://127.0.0.1:6380/0"])
    #expect(found == [named, "redis://127.0.0.1:6380/0"])
  }

  @Test("asks for a time service where none is active, and not in a container")
  func clock() {
    var timesyncd = UnitStatus(unit: "systemd-timesyncd.service")
    timesyncd.activeState = .active
    var host = HostView(state: Self.state)
    host.isContainer = false
    #expect(UnsetClock.findings(on: host).count == 1)
    host.services = [timesyncd]
    #expect(UnsetClock.findings(on: host).isEmpty)
    host.services = []
    host.isContainer = true
    #expect(UnsetClock.findings(on: host).isEmpty)
  }

  @Test("names a systemd that is too old", arguments: [("252.39-1~deb12u1", 0), ("247.3-7", 1), ("257", 0), ("", 0)])
  func version(_ version: String, _ count: Int) {
    var host = HostView(state: Self.state)
    host.systemdVersion = version
    #expect(Versions.findings(on: host).count == count)
  }

  @Test(
    "tells a command line that writes to what a release installs from one that reads it",
    arguments: [
      ("0 * * * * root rsync -a build:/srv/shop/ /opt/shop/", true),
      ("0 * * * * root cd /opt/shop && git pull -q", true),
      ("@daily root /usr/bin/ansible-pull -U https://example.org/site.git", true),
      ("* * * * * shop /opt/shop/app.py --once", false),
      ("0 * * * * root cp -a /usr /mnt", false),
      ("0 * * * * root rsync -a /opt/shopping/ /mnt/", false),
    ])
  func writers(_ line: String, _ isWriter: Bool) {
    let host = HostView(state: Self.state, files: ["/opt/shop/app.py": nil])
    #expect((OtherWriters.target(in: line, host) != nil) == isWriter)
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

  @Test("reads what AppArmor and SELinux refused, and takes nothing else for it")
  func denials() {
    let kernel =
      #"audit: type=1400 audit(1700000000.5:9): apparmor="DENIED" operation="open" profile="/usr/bin/shop" "#
      + #"name="/etc/shop.conf" pid=7 comm="shop" requested_mask="r" denied_mask="r" fsuid=0 ouid=0"#
    let denied = Denial(kernel)
    #expect(denied?.module == .appArmor && denied?.path == "/etc/shop.conf" && denied?.process == 7)
    #expect(denied?.profile == "/usr/bin/shop" && Denial.seconds(kernel) == 1_700_000_000)
    let avc = Denial(
      #"type=AVC msg=audit(1700000000.5:9): avc:  denied  { read open } for  pid=8 comm="x" path="/srv/a b""#)
    #expect(avc?.operation == "read open" && avc?.path == "/srv/a b" && avc?.fix == "restorecon -v '/srv/a b'")
    #expect(Denial(#"apparmor="ALLOWED" operation="open" name="/x" pid=1"#) == nil)
    #expect(Denial("avc:  denied  {")?.process == nil)
    var host = HostView(state: Self.state)
    var shop = UnitStatus(unit: "shop.service")
    shop.commands = [ExecCommand(directive: "ExecStart", path: "/usr/bin/shop", arguments: [])]
    host.services = [shop]
    #expect(Denials.findings([denied, avc].compactMap { $0 }, host).map(\.subject) == ["shop.service"])
  }

  @Test("knows the mode of a profile of AppArmor, and the type of a label of SELinux")
  func modules() {
    #expect(
      ApparmorProfiles.modes("/usr/bin/man (enforce)\nan odd (name) (complain)\n()\n") == [
        "/usr/bin/man": "enforce", "an odd (name)": "complain",
      ])
    #expect(SELinuxLabels.type("system_u:object_r:bin_t:s0\0") == "bin_t" && SELinuxLabels.type("x").isEmpty)
  }

  @Test("knows where Ansible wrote, and where it only looked")
  func ansible() {
    #expect(AnsibleRuns.written("Invoked with src=/a dest='/etc/b' mode=0644") == ["/etc/b"])
    #expect(AnsibleRuns.written("Invoked with path=/etc/c state=absent") == ["/etc/c"])
    #expect(AnsibleRuns.written("dest=/etc/b").isEmpty && AnsibleRuns.written("Invoked with dest=b").isEmpty)
  }
}
