import Deployment
import Glibc
import Rehearsal
import TestSupport
import Testing

@Suite("A deploy with a migration that is killed")
struct HookKillTests {
  /// Where the process dies, by a line that is in the journal or the log by then.
  enum Moment: String, CaseIterable {
    case prepare = "grep -q '^prepare ' /var/log/hooks"
    case before = "grep -q 'install /etc/hooked.conf' /var/lib/qtctl/transaction.jsonl"
    case during = "grep -q '^migrate' /var/log/hooks"
    case after = "grep -qx 'migrate ended' /var/log/hooks"
  }

  /// Deploys version 1, and version 2 until the moment; then kills the process, and whatever happens next is up to `next`.
  private func kill(
    _ moment: Moment, on site: Site, watched: Bool = false, undo: String = ":"
  ) async throws -> [String: String] {
    try await HookRelease.write("1", to: site)
    #expect(try await HookRelease.deploy(to: site).exit == 0)
    try await site.wait(for: "[ -z \"$(systemctl list-units --all --plain --no-legend 'qtctl-dead-man-*')\" ]")
    let before = try await site.state(of: HookRelease.targets)
    _ = try await HookRelease.lines(site)
    try await HookRelease.write(
      "2", program: "2", hooks: .init(prepare: "sleep 2", migrate: "sleep 3", undo: undo), to: site)
    let deploy = try await site.machine.spawn(["qtctl", "deploy", HookRelease.folder])
    try await site.wait(for: moment.rawValue)
    // Without the watchdog, unless it is what acts.
    if !watched {
      try await site.sh(
        "for u in /run/systemd/transient/qtctl-dead-man-*; do [ ! -e $u ] || systemctl stop ${u##*/}; done")
    }
    deploy.signal(SIGKILL)
    _ = try await deploy.output()
    return before
  }

  /// Undone at least once where the migration may have run, the old files back, the unit up, and nothing left.
  private func expectOld(_ before: [String: String], _ moment: Moment, on site: Site) async throws {
    #expect(try await site.state(of: HookRelease.targets) == before)
    #expect(try await HookRelease.running(site).last == "version 1")
    let lines = try await HookRelease.lines(site)
    let migrated = lines.contains { $0.hasPrefix("migrate ") }
    // Between the journal and the first line of the hook, nobody knows whether it ran.
    let undone = lines.filter { $0 == "undo ended" }.count
    #expect(migrated ? undone == 1 : undone <= 1, "\(lines)")
    // Before the old files return, with the unit down.
    if migrated { #expect(lines.contains("undo version 2 inactive"), "\(lines)") }
    #expect(
      try await site.sh("ls -d /var/lib/qtctl/migration /var/lib/qtctl/transaction.jsonl 2>/dev/null || true").isEmpty)
    #expect(try await site.sh("pgrep -fc '[h]ooked/migrate' || true") == "0\n")
  }

  @Test("is undone by the next command, from its own copy of the release", arguments: Moment.allCases)
  func next(_ moment: Moment) async throws {
    try await Site.with(name: "kill-\(moment)") { site in
      let before = try await kill(moment, on: site)
      try await site.sh("rm -rf \(HookRelease.folder)")
      let run = try await site.qtctl("recover")
      #expect(run.exit == 0 && run.message.contains("verified healthy") == (moment != .prepare), "\(run)")
      try await expectOld(before, moment, on: site)
    }
  }

  @Test("is undone by the watchdog")
  func watchdog() async throws {
    try await Site.with(name: "kill-watched") { site in
      let before = try await kill(.during, on: site, watched: true)
      try await site.wait(for: "[ ! -e /var/lib/qtctl/transaction.jsonl ]", within: .seconds(30))
      try await expectOld(before, .during, on: site)
    }
  }

  @Test("is undone at the end of the boot, when what it needs is up, with its unit down until then")
  func boot() async throws {
    try await Site.with(name: "kill-boot") { site in
      try await site.machine.copyIn(
        Checkout.root + "/units/qtctl-recover.service", to: "/usr/local/lib/systemd/system/qtctl-recover.service",
        mode: 0o644)
      try await site.sh(
        """
        cat >/etc/systemd/system/database.service <<'U'
        [Service]
        Type=exec
        ExecStartPre=/bin/sleep 2
        ExecStart=/bin/sleep infinity
        [Install]
        WantedBy=rehearsal.target
        U
        systemctl daemon-reload; systemctl enable --now database qtctl-recover
        """)
      let before = try await kill(.during, on: site, undo: "systemctl is-active database >>\(HookRelease.log)")
      try await site.machine.reboot(.powerCut)
      try await site.wait(for: "[ ! -e /var/lib/qtctl/transaction.jsonl ]", within: .seconds(40))
      let lines = try await site.sh("cat \(HookRelease.log)").split(separator: "\n").map(String.init)
      #expect(lines.suffix(3) == ["undo version 2 inactive", "active", "undo ended"], "\(lines)")
      try await site.wait(for: "systemctl is-active hooked")
      try await expectOld(before, .during, on: site)
      #expect(
        try await site.sh("ls -d /run/qtctl/hold /run/systemd/system/hooked.service.d 2>/dev/null || true").isEmpty)
      #expect(try await site.sh("systemctl show -P ConditionResult hooked") == "yes\n")
    }
  }
}
