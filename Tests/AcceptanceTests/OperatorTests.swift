import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("An operator")
struct OperatorTests {
  @Test("is told at least every five seconds what is waited for, and until when")
  func progress() async throws {
    try await Site.with(name: "progress") { site in
      try await PlainRelease.write("1", .good, to: site)
      let script =
        "qtctl deploy \(PlainRelease.folder) --stable 6s 2>&1 >/dev/null | "
        + "while IFS= read -r line; do echo \"$(date +%s) $line\"; done"
      let lines = try await site.sh(script).split(separator: "\n")
      #expect(lines.contains { $0.contains("verify: ") && $0.contains("up to 6 s") }, "\(lines)")
      let times = lines.compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
      for (earlier, later) in zip(times, times.dropFirst()) { #expect(later - earlier <= 5, "\(lines)") }
      // On a terminal, the line is redrawn in place.
      let drawn = try await site.sh("TERM=xterm script -qec 'qtctl deploy \(PlainRelease.folder) --all' /dev/null")
      #expect(drawn.contains("\r\u{1B}[2K") && drawn.contains("verify: 0 s, up to 1 s"), "\(drawn)")
      let dumb = try await site.sh("TERM=dumb script -qec 'qtctl deploy \(PlainRelease.folder) --all' /dev/null")
      #expect(!dumb.contains("\u{1B}[2K"), "\(dumb)")
    }
  }

  @Test("sees a transaction in progress in status, and verify waits for its end instead of blaming it")
  func during() async throws {
    try await Site.with(name: "during") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.write("2", .good, to: site)
      let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder, "--stable", "8s"])
      try await site.wait(for: "grep -q '\"stage\":\"verify\"' /var/lib/qtctl/lock")
      let status = try await site.qtctl("status", "--name", "plain")
      #expect(
        status.exit == 0 && status.message.contains("in progress") && status.message.contains("deploy"), "\(status)")
      let verify = try await site.qtctl("verify", "--name", "plain")
      #expect(verify.exit == 11 && verify.checks.isEmpty, "\(verify)")
      #expect(try await deploy.output().succeeded)
      #expect(try await site.qtctl("verify", "--name", "plain", "--stable", "0s").exit == 0)
    }
  }

  @Test("sees a failed unit in status: in words, and by exit status 3; the hint works as printed, from anywhere")
  func failed() async throws {
    try await Site.with(name: "failed") { site in
      try await PlainRelease.deploy("1", to: site)
      try await site.sh(
        """
        mkdir /root/other; cd /root/other; echo other >other.conf
        printf '[Service]\\nExecStart=/bin/sleep infinity\\n[Install]\\nWantedBy=multi-user.target\\n' >other.service
        printf 'name: other\\nservices: [{unit: other.service, files: [{source: other.service, ' >qtctl.yaml
        printf 'target: /etc/systemd/system/other.service}]}]\\nbackups: {directory: /var/backups/other}\\n' >>qtctl.yaml
        printf 'verify: {stable: 0s}\\n' >>qtctl.yaml
        qtctl deploy >&2
        """)
      #expect(try await site.qtctl("status", "--name", "plain").exit == 0)
      // Units of two manifests, and one of none.
      let both = try await site.machine.run(["qtctl", "status", "plain", "other"]).stdout
      #expect(both.contains("plain.service  active") && both.contains("other.service  active"), "\(both)")
      let none = try await site.qtctl("status", "plian")
      #expect(none.exit == 14 && none.message.contains("did you mean 'plain.service'?"), "\(none)")
      try await site.sh("systemctl kill -s KILL plain; sleep 0.5")
      let status = try await site.qtctl("status", "plain")
      #expect(status.exit == 3 && status.message.contains("plain.service has failed (signal), since 20"), "\(status)")
      let hint = try await site.machine.run(["qtctl", "logs", "plain.service"])
      #expect(hint.succeeded && hint.stdout.contains("plain.service"), "\(hint.stdout)\(hint.stderr)")
    }
  }

  @Test("reads the last lines of the unit that failed in the deploy's own message; the two ends have two names")
  func cause() async throws {
    try await Site.with(name: "cause") { site in
      try await PlainRelease.deploy("1", to: site)
      let stamp = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      try await PlainRelease.write("3", .exits, to: site)
      try await site.machine.write(
        "#!/bin/sh\necho PLAIN_PORT is not set >&2\nexit 1\n", to: PlainRelease.folder + "/plain")
      let bad = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(bad.exit == 20 && bad.outcome == .undone, "\(bad)")
      #expect(bad.message.contains("Last lines of plain.service:\n  PLAIN_PORT is not set"), "\(bad)")
      #expect(try await site.qtctl("rollback", "--name", "plain").outcome == .rolledBack)
      let history = try await site.machine.run(["qtctl", "history"]).stdout
      #expect(history.contains(" undone (content) ") && history.contains(" rolled back "), "\(history)")

      // Nothing is left to go back to but what was there before the first deploy, and what that means is said.
      let nowhere = try await site.qtctl("rollback", "--name", "plain")
      #expect(nowhere.exit == 10 && nowhere.message.contains(stamp), "\(nowhere)")
      #expect(nowhere.message.contains("removes the services that qtctl installed"), "\(nowhere)")
    }
  }

  @Test("is told which archives can be deployed", arguments: [".tar.xz", ".zip"])
  func archives(suffix: String) async throws {
    try await Site.with(name: "archives") { site in
      try await site.sh("echo nothing >/root/release\(suffix)")
      let run = try await site.qtctl("deploy", "--dry-run", "/root/release\(suffix)")
      #expect(run.exit == 14 && run.message.contains(".tar, .tar.gz or .tar.zst"), "\(run)")
    }
  }
}
