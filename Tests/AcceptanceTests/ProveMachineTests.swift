import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A proof in a throwaway machine")
struct ProveMachineTests {
  /// What is left of a machine on the host, in words; nothing where it is gone.
  private static let left = """
    pgrep -lx systemd-nspawn || true
    pgrep -f '[q]tctl-rehearsal-' || true
    ls -d /run/qtctl-* 2>/dev/null || true
    """

  @Test(
    "proves every row of the shipped services, changes nothing on the host and leaves nothing", .timeLimit(.minutes(3)))
  func shipped() async throws {
    try await Site.with(name: "proveown") { site in
      try await TradingRelease(on: site).build(1, stable: "0s")
      // A second executor stands by for a minute, as shipped.
      try await site.sh("sed -i 's/^QUANTUM_CLAIM_IDLE=.*/QUANTUM_CLAIM_IDLE=2s/' \(TradingRelease.folder)/units/*.env")
      let before = try await site.state(of: TradingRelease.targets)
      let run = try await site.qtctl("prove", TradingRelease.folder + "/units")
      #expect(run.exit == 0 && run.checks.allSatisfy { $0.status == .pass } && run.checks.count == 14, "\(run)")
      let killed = run.checks.filter { $0.id == "service.killed" }
      #expect(killed.count == 2 && killed.allSatisfy { $0.detail.contains("messages in hand") }, "\(run)")
      #expect(run.checks.allSatisfy { $0.id == "release.deployed" || $0.evidence["trace_ids"] != nil }, "\(run)")

      #expect(try await site.state(of: TradingRelease.targets) == before)
      let traces = "redis-cli DBSIZE; ls -d /var/lib/qtctl /var/lib/qtctl-prove 2>/dev/null || true"
      #expect(try await site.sh(traces) == "0\n")
      #expect(try await site.sh(Self.left) == "")
    }
  }

  @Test(
    "takes what has no streams, tells what does not hold, and leaves nothing when it is killed", .timeLimit(.minutes(3))
  )
  func others() async throws {
    try await Site.with(name: "proveother") { site in
      try await Self.writeWeb(to: site)
      let web = try await site.qtctl("prove", "/root/web")
      let words = web.checks.map { "\($0.id) \($0.subject) \($0.status.rawValue)" }
      #expect(web.exit == 0 && words.contains("service.killed web.service pass"), "\(web)")
      #expect(words.contains("service.killed once.service skip"), "\(web)")
      #expect(web.checks.contains { $0.detail.contains("says Restart=no") }, "\(web)")
      #expect(web.checks.filter { $0.id.hasPrefix("duplicate") }.allSatisfy { $0.detail.contains("verify.duplicates") })

      // Killed, it does not come back by itself: the unit file forbids it for this signal.
      try await site.sh("sed -i 's/^RestartSec=.*/RestartPreventExitStatus=SIGKILL/' /root/web/web.service")
      let gone = try await site.qtctl("prove", "/root/web", "--row", "service.killed")
      let failed = gone.checks.first { $0.status == .fail }
      #expect(gone.exit == 30 && failed?.subject == "web.service", "\(gone)")
      #expect(failed?.detail.contains("did not come back") == true, "\(gone)")

      try await site.sh("sed -i 's/^ExecStart=.*/ExecStart=\\/bin\\/false/' /root/web/web.service")
      let broken = try await site.qtctl("prove", "/root/web", "--row", "service.killed")
      #expect(broken.exit == 30, "\(broken)")
      try await site.sh("sed -i 's/^ExecStart=.*/Type=notify\\n&/' /root/web/web.service")
      let refused = try await site.qtctl("prove", "/root/web")
      #expect(refused.exit == 30 && refused.checks.first { $0.status == .fail }?.id == "release.deployed", "\(refused)")
      #expect(refused.checks.dropFirst().allSatisfy { $0.status == .skip }, "\(refused)")

      let killed = try await site.machine.spawn(["qtctl", "prove", "/root/web"])
      try await site.wait(for: "pgrep -x systemd-nspawn")
      killed.signal(9)
      _ = try await killed.output()
      try await site.wait(for: "! pgrep -x systemd-nspawn && ! pgrep -f '[q]tctl-rehearsal-'")
      #expect(try await site.sh(Self.left) == "")
      try await Self.refusals(site)
    }
  }

  /// Where no machine can be started, one line says so.
  private static func refusals(_ site: Site) async throws {
    func refused(_ run: QtctlRun, _ word: String) {
      #expect(run.exit == 14 && run.message.contains(word) && !run.message.contains("\n"), "\(run)")
    }
    let user = ["setpriv", "--reuid=nobody", "--clear-groups", "qtctl", "prove", "/srv/web", "--json"]
    try await site.sh("cp -r /root/web /srv/web")
    refused(try QtctlRun(await site.machine.run(user)), "run this as root")
    try await site.sh(
      "grep -v '^MemAvailable' /proc/meminfo >/root/little; echo 'MemAvailable: 60000 kB' >>/root/little")
    try await site.machine.write(little, to: "/root/little.sh", mode: 0o755)
    let starved = try QtctlRun(await site.machine.run(["unshare", "--mount", "/root/little.sh"]))
    refused(starved, "needs 256.0 MiB of memory")
    try await site.machine.write(stacked, to: "/root/stacked.sh", mode: 0o755)
    let overlay = try QtctlRun(await site.machine.run(["unshare", "--mount", "/root/stacked.sh"]))
    refused(overlay, "cannot mount an overlay of '/'")
    try await site.sh("mv /usr/bin/systemd-nspawn /usr/bin/elsewhere")
    refused(try await site.qtctl("prove", "/root/web"), "apt-get install systemd-container")
    try await site.sh("mv /usr/bin/elsewhere /usr/bin/systemd-nspawn; cp -r /root/web /run/web")
    refused(try await site.qtctl("prove", "/run/web"), "lies in /run")
    try await site.sh("sed -i 's/^verify:/redis: redis:\\/\\/192.0.2.1:6379\\nverify:/' /root/web/qtctl.yaml")
    refused(try await site.qtctl("prove", "/root/web"), "is not on this host")
  }

  private static let little = "#!/bin/sh\nmount --bind /root/little /proc/meminfo\nexec qtctl prove /root/web --json\n"
  /// An overlay cannot be the lower layer of a third.
  private static let stacked = """
    #!/bin/sh -e
    mount -t tmpfs none /mnt
    mkdir /mnt/upper /mnt/work /mnt/root
    mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
    for folder in proc sys dev run; do mount --rbind /$folder /mnt/root/$folder; done
    exec chroot /mnt/root qtctl prove /root/web --json

    """

  /// A web server that is restarted, and a service that is not.
  private static func writeWeb(to site: Site) async throws {
    func unit(_ command: String, _ more: String) -> String {
      "[Service]\nExecStart=\(command)\n\(more)\n[Install]\nWantedBy=multi-user.target\n"
    }
    let server = "/usr/bin/python3 -m http.server 8080 --bind 127.0.0.1 --directory /srv"
    try await site.machine.write(unit(server, "Restart=always\nRestartSec=100ms"), to: "/root/web/web.service")
    try await site.machine.write(unit("/bin/sleep infinity", ""), to: "/root/web/once.service")
    // The host has the timer already, and no timer of the host runs in the machine.
    for place in ["/root/web", "/etc/systemd/system"] {
      try await site.machine.write("[Timer]\nOnCalendar=daily\nUnit=once.service\n", to: place + "/tick.timer")
    }
    try await site.machine.write(
      """
      name: web
      services:
        - {unit: web.service, files: [{source: web.service, target: /etc/systemd/system/web.service}]}
        - {unit: once.service, files: [{source: once.service, target: /etc/systemd/system/once.service}]}
        - {unit: tick.timer, files: [{source: tick.timer, target: /etc/systemd/system/tick.timer}]}
      backups: {directory: /var/backups/qtctl}
      verify:
        stable: 0s
        http: [{url: "http://127.0.0.1:8080/", within: 10s}]

      """, to: "/root/web/qtctl.yaml")
  }
}
