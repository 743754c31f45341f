import Deployment
import Rehearsal
import TestSupport
import Testing

/// The copy of the host is a machine within the throwaway machine.
@Suite("A rehearsal")
struct RehearseTests {
  @Test("of the shipped services shows that they work and how long it takes, and leaves files and Redis as they were")
  func shippedRelease() async throws {
    try await Site.with(name: "rehearse") { site in
      let release = TradingRelease(on: site)
      try await release.build(1, stable: "0s")
      try #require(try await site.qtctl("deploy", folder: TradingRelease.folder).exit == 0)
      let outsider = try await Outsider(on: site)
      try await site.run(Outsider.publish(run: "old", count: 200))
      try #require(try await outsider.tally(run: "old", expecting: 200).once == 200)
      try await release.build(2, stable: "0s")
      try await release.addFile()
      // The copy has what Redis holds here.
      try await site.machine.write(Self.check, to: "/root/check", mode: 0o755)
      try await site.sh("echo '  commands: [{run: [/root/check]}]' >> \(TradingRelease.manifest)")

      let before = try await Self.picture(site)
      let rehearsal = try await site.qtctl("rehearse", folder: TradingRelease.folder)
      let lines = Set(try await Self.picture(site).split(whereSeparator: \.isNewline))
      #expect(lines.symmetricDifference(before.split(whereSeparator: \.isNewline)).sorted() == [])
      #expect(rehearsal.exit == 0 && rehearsal.outcome == .verified, "\(rehearsal)")
      #expect(rehearsal.seconds < 15, "\(rehearsal.seconds)")
      #expect(try await Self.leftovers(site) == "")

      let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
      let rollback = try await site.qtctl("rollback", folder: TradingRelease.folder)
      try #require(deploy.exit == 0 && rollback.exit == 0, "\(deploy)\n\(rollback)")
      let record = try RehearsalDocument(rehearsal)
      for (name, run) in [("deploy", deploy), ("rollback", rollback)] {
        let predicted = try #require(record.seconds(name))
        #expect((run.seconds / 2...run.seconds * 2).contains(predicted), "\(name): \(predicted) for \(run.seconds)")
      }
      #expect(record.changes.contains("install \(TradingRelease.added)"), "\(record.changes)")
      let stepsOfDeploy = Set(deploy.steps.map(\.name))
      #expect(record.changes.allSatisfy(stepsOfDeploy.contains), "\(record.changes)\n\(stepsOfDeploy)")
    }
  }

  @Test(
    "catches what fails only in the rollback or after a reboot, and deploy --rehearse goes on only after a good one")
  func hiddenFaults() async throws {
    try await Site.with(name: "rehearsebad") { site in
      try await site.sh("ip address add 10.77.0.1/32 dev lo; mkdir -p /var/lib/plain")
      let listener = try await site.machine.spawn(["python3", "-uc", Self.listener])
      try await Self.write("1", "! grep -q 2 /var/lib/plain/state || exit 1", to: site)
      try #require(try await site.qtctl("deploy", PlainRelease.folder).exit == 0)
      let before = try await PlainRelease.everything(site)

      for fault in Self.faults {
        try await Self.write("2", fault.script, extra: fault.extra, to: site)
        let rehearsal = try await site.qtctl("rehearse", PlainRelease.folder)
        let record = try RehearsalDocument(rehearsal)
        #expect(rehearsal.exit == 30 && record.failed == fault.phase, "\(fault.name): \(rehearsal)")
        let told = "\(rehearsal.message)\(record.journal)"
        #expect(told.contains(fault.words), "\(fault.name): \(told)")
        #expect(try await PlainRelease.everything(site) == before, "\(fault.name)")
      }
      let refused = try await site.qtctl("deploy", PlainRelease.folder, "--rehearse")
      #expect(refused.exit == 30 && refused.outcome == .failed, "\(refused)")
      #expect(try await PlainRelease.everything(site) == before)

      // The address of the host is an address of the copy, so what is sent to it there stays there.
      try await site.machine.write(Self.sender, to: "/root/sender.py")
      try await Self.write("3", "python3 /root/sender.py", to: site)
      let good = try await site.qtctl("rehearse", PlainRelease.folder)
      #expect(good.exit == 0, "\(good)")
      #expect(try await site.sh("ls /root/heard 2>/dev/null || true") == "")
      let deploy = try await site.qtctl("deploy", PlainRelease.folder, "--rehearse")
      #expect(deploy.exit == 0 && deploy.outcome == .deployed, "\(deploy)")
      #expect(try await PlainRelease.running(site) == "plain 3, active")
      #expect(try await site.sh("cat /root/heard") == "packet\n")
      listener.kill()
      // --stable is for all of it, for the rollback as well.
      try await Self.write("4", "", to: site)
      try await site.sh("sed -i 's/stable: 0s/stable: 20s/' \(PlainRelease.folder)/qtctl.yaml")
      try #require(try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s").exit == 0)
      try await Self.write("5", "", to: site)
      let quick = try await site.qtctl("rehearse", PlainRelease.folder, "--stable", "0s", "--no-reboot")
      #expect(quick.exit == 0 && quick.seconds < 20, "\(quick)")
    }
  }

  @Test(
    "that is killed leaves no process, mount, cgroup or file, and where none is possible a deploy works all the same")
  func endsAndRefusals() async throws {
    try await Site.with(name: "rehearsend") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.write("2", .slow, to: site)
      for victim in ["/proc/PID/cmdline", "main process"] {
        let rehearsal = try await site.machine.spawn(["qtctl", "rehearse", PlainRelease.folder, "--json"])
        try await site.wait(for: "pgrep -f '[q]tctl deploy .*--json --quiet'")
        #expect(try await Self.leftovers(site) != "")
        if victim == "main process" {
          // The supervisor, which would else end the machine.
          try await site.sh("systemctl kill --kill-who=main --signal=KILL 'qtctl-rehearsal-*.service'")
          let run = try QtctlRun(await rehearsal.output())
          #expect(run.exit == 14 && run.message.contains("cannot rehearse"), "\(run)")
        } else {
          rehearsal.signal(9)
          _ = try await rehearsal.output()
        }
        let deadline = ContinuousClock.now + .seconds(10)
        var left = try await Self.leftovers(site)
        while left != "", ContinuousClock.now < deadline { left = try await Self.leftovers(site) }
        #expect(left == "", "\(victim)")
      }

      let little = try await site.qtctl("rehearse", PlainRelease.folder, "--memory", "64M")
      #expect(little.exit == 14 && little.message.contains("--memory"), "\(little)")
      let nobody = try await site.machine.run(["setpriv", "--reuid=65534", "qtctl", "rehearse", PlainRelease.folder])
      #expect(nobody.status == .exited(14) && nobody.stderr.contains("needs root"), "\(nobody.stderr)")
      try await site.sh("mv /usr/bin/systemd-nspawn /root/")
      let missing = try await site.qtctl("rehearse", PlainRelease.folder)
      #expect(missing.exit == 14 && missing.message.contains("apt-get install systemd-container"), "\(missing)")
      let deploy = try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s")
      #expect(deploy.exit == 0, "\(deploy)")
    }
  }
}

extension RehearseTests {
  private struct Fault: Sendable {
    var name: String
    var script: String
    var extra = ""
    /// Where the rehearsal fails, and what it says.
    var phase: String
    var words: String
  }

  private static let faults = [
    Fault(
      name: "the old version cannot read the new state", script: "echo 2 > /var/lib/plain/state", phase: "rollback",
      words: "failed in its rollback"),
    Fault(
      name: "a file in /run that a hook made", script: "[ -e /run/plain.key ] || { echo no key; exit 1; }",
      extra: "hooks: {migrate: {run: [/usr/bin/touch, /run/plain.key], undo: [/bin/true], within: 5s}}",
      phase: "verify",
      words: "no key"),
    Fault(
      name: "a unit that nothing enables", script: "",
      extra: """
          - unit: side.service
            files: [{source: side.service, target: /etc/systemd/system/side.service}]
        """, phase: "verify", words: "'side.service' was up and is not after a reboot: nothing starts it at boot"),
  ]

  private static func write(_ version: String, _ script: String, extra: String = "", to site: Site) async throws {
    try await PlainRelease.write(version, .good, extra: extra, to: site)
    try await site.machine.write(
      "#!/bin/sh\n\(script)\n\(PlainRelease.Behaviour.good.rawValue)\n", to: PlainRelease.folder + "/plain", mode: 0o755
    )
    try await site.machine.write(
      "[Service]\nExecStart=/bin/sleep infinity\n", to: PlainRelease.folder + "/side.service")
    try await site.sh("sed -i 's/stable: 1s/stable: 0s/' \(PlainRelease.folder)/qtctl.yaml")
  }

  private static let listener = """
    import socket
    server = socket.create_server(("10.77.0.1", 7777))
    while True:
      client = server.accept()[0]
      open("/root/heard", "ab").write(client.recv(99))
      client.close()
    """
  private static let sender = """
    import socket
    client = socket.socket()
    client.connect_ex(("10.77.0.1", 7777)) or client.send(b"packet\\n")

    """

  private static let check = "#!/bin/sh\ntest $(redis-cli XLEN quantum:stream:execution.result) -ge 200\n"

  /// What a rehearsal must not touch: files with their times, and what Redis holds and did. The services that run here may
  /// write to their own folders meanwhile, and other tests make some on the host, which the machine sees.
  private static func picture(_ site: Site) async throws -> String {
    try await site.sh(
      """
      find /etc \(TradingRelease.folder) /usr/local/bin /usr/local/lib /var/lib /var/backups \\
        \\( -path /var/lib/redis -o -path /var/lib/systemd -o -path /var/lib/quantum-execution \\
           -o -path '/var/lib/qtctl-test-*' \\) -prune -o -printf '%p %y %m %u %g %s %T@ %C@\\n' | sort
      find /etc \(TradingRelease.folder) /usr/local/bin -type f -exec sha256sum {} + | sort
      redis-cli INFO stats | grep -E '^(total_forks|sync_full)'
      for key in $(redis-cli KEYS 'quantum:stream:*' | sort); do echo $key; redis-cli XRANGE $key - + | sha256sum; done
      """)
  }

  /// Everything of a rehearsal that can be seen on the host.
  private static func leftovers(_ site: Site) async throws -> String {
    try await site.sh(
      """
      systemctl list-units --all --no-legend 'qtctl-rehearsal*'
      find /sys/fs/cgroup -name '*rehearsal-*'
      awk '$5 ~ /qtctl-rehearsal/ { print FILENAME, $5 }' /proc/[0-9]*/mountinfo 2>/dev/null || true
      find /run /tmp /var/tmp -maxdepth 2 -name '*rehearsal*'
      pgrep -af '[s]ystemd-nspawn .*--machine=rehearsal ' || true
      """)
  }
}
