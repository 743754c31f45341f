import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Preflight")
struct PreflightTests {
  @Test("refuses each of these before anything is touched, and says what, where and what to do")
  func refusals() async throws {
    try await Site.with(name: "preflight") { site in
      try await PlainRelease.write("1", .good, to: site)
      let first = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(first.exit == 0, "\(first)")
      try await PlainRelease.write("2", .good, to: site)
      // With the unit file that is there: what did not change is not parsed again.
      try await site.sh(
        """
        useradd --system app; useradd --system other
        cp /etc/systemd/system/plain.service \(PlainRelease.folder); cp -a \(PlainRelease.folder) /root/sound
        """)
      let before = try await PlainRelease.everything(site)
      for fault in PreflightBreak.all {
        try await site.sh(fault.script)
        let broken = try await disturbance(site)
        let run = try await site.qtctl(["deploy", PlainRelease.folder])
        #expect(run.exit == 14, "\(fault.name): \(run)")
        for word in fault.words {
          #expect(run.message.contains(word), "\(fault.name): no '\(word)' in: \(run.message)")
        }
        // One finding, beneath which the commands that fix it may be printed.
        let findings = run.message.split(separator: "\n").filter { !$0.hasPrefix("  ") }
        #expect(findings.count == 1, "\(fault.name): \(run.message)")
        #expect(try await disturbance(site) == broken, "\(fault.name) changed something")
        try await site.sh("\(fault.fix); rm -r \(PlainRelease.folder); cp -a /root/sound \(PlainRelease.folder)")
      }
      #expect(try await PlainRelease.everything(site) == before)
      let last = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(last.exit == 0, "\(last)")
    }
  }

  @Test("tells all that is wrong at once")
  func together() async throws {
    try await Site.with(name: "preflight-all") { site in
      try await PlainRelease.write("1", .good, to: site)
      try await site.sh(
        """
        cd \(PlainRelease.folder)
        printf 'Fnord=1\\nUser=nemo\\nEnvironmentFile=/etc/plain/env\\n' > more
        sed -i '/^ExecStart/r more' plain.service
        echo 'just text' > plain; chmod 777 plain
        """)
      let run = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(run.exit == 14)
      for word in ["Fnord", "'nemo'", "/etc/plain/env", "#!", "chmod go-w"] {
        #expect(run.message.contains(word), "\(run)")
      }
    }
  }

  @Test("lets a backup store on a tmpfs pass when told to, and masks keep a rollback from starting")
  func flagAndRollback() async throws {
    try await Site.with(name: "preflight-flag") { site in
      try await PlainRelease.write("1", .good, to: site)
      // What a preflight that was killed would have left, which the next one takes away.
      try await site.sh(
        "mkdir -p /run/qtctl-preflight-x/y; touch /run/systemd/system/qtctl-preflight-4194000-1.service")
      try await site.sh("mkdir /var/volatile; mount -t tmpfs -o mode=755 tmpfs /var/volatile")
      try await site.sh("sed -i 's,\(PlainRelease.store),/var/volatile/store,' \(PlainRelease.folder)/qtctl.yaml")
      let refused = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(refused.exit == 14 && refused.message.contains("--volatile-store"), "\(refused)")
      let taken = try await site.qtctl("deploy", PlainRelease.folder, "--volatile-store")
      #expect(taken.exit == 0, "\(taken)")
      #expect(try await site.sh("ls /run /run/systemd/system | grep qtctl-preflight || true") == "")
      try await site.sh("ln -s /dev/null /run/systemd/system/\(PlainRelease.unit); mkdir -p /etc/kept")
      try await site.sh("mv /etc/systemd/system/\(PlainRelease.unit) /etc/kept/; systemctl daemon-reload")
      let masked = try await site.qtctl("deploy", PlainRelease.folder, "--volatile-store", "--accept-drift")
      #expect(masked.exit == 14 && masked.message.contains("systemctl unmask"), "\(masked)")
    }
  }

  /// All that preflight could disturb, in one look: the files' facts and contents, runs, units, backups, keys.
  private func disturbance(_ site: Site) async throws -> String {
    try await site.sh(
      """
      ls -laR --time-style=full-iso /etc/plain /etc/systemd /usr/local/bin /srv \(PlainRelease.store) | grep -v '^total'
      sha256sum \(PlainRelease.targets.joined(separator: " ")) /var/lib/qtctl/history.jsonl
      find /var/lib/qtctl/installed -type f -exec sha256sum {} +
      systemctl show -P InvocationID -P ActiveState -P UnitFileState -P NRestarts \(PlainRelease.unit)
      systemctl list-units --all --plain --no-legend '*qtctl*'
      systemctl --failed --no-legend
      ls /run /run/systemd/system /tmp /etc/systemd/system | grep -e qtctl -e plain || true
      redis-cli dbsize
      """)
  }
}
