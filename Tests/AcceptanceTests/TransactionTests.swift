import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A transaction on real systemd")
struct TransactionTests {
  @Test("is the only one: a second deploy is turned away and told who holds the lock; one that waits gets its turn")
  func lock() async throws {
    try await Site.with(name: "lock") { site in
      try await PlainRelease.write("1", .slow, to: site)
      let first = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q '\"stage\":\"commit\"' /var/lib/qtctl/lock")
      let second = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(second.exit == 11, "\(second)")
      for word in ["pid ", "root", "deploy \(PlainRelease.folder)", "commit"] { #expect(second.message.contains(word)) }
      let waiting = try await site.qtctl("deploy", PlainRelease.folder, "--wait", "30s")
      #expect(waiting.exit == 0 && waiting.outcome == .unchanged, "\(waiting)")
      #expect(try await first.output().succeeded)
    }
  }

  @Test(
    "goes back from a service that cannot be run",
    arguments: [
      PlainRelease.Behaviour.exits, .dies, .mute,
    ])
  func badService(_ behaviour: PlainRelease.Behaviour) async throws {
    try await Site.with(name: "bad") { site in
      try await PlainRelease.write("1", .good, to: site)
      let good = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(good.exit == 0, "\(good)")
      let before = try await site.state(of: PlainRelease.targets)
      try await PlainRelease.write("2", behaviour, to: site)
      let bad = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(bad.exit == 20, "\(bad)")
      #expect(try await site.state(of: PlainRelease.targets) == before)
      #expect(try await site.sh("systemctl is-active plain.service") == "active\n")
      #expect(try await site.sh("systemctl show -P Description plain.service") == "plain 1\n")
    }
  }

  @Test("of a first install that fails leaves nothing of it, folders and links included")
  func firstInstallFails() async throws {
    try await Site.with(name: "first") { site in
      try await PlainRelease.write("1", .exits, to: site)
      let bad = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(bad.exit == 20, "\(bad)")
      for target in PlainRelease.targets { #expect(try await site.state(of: [target])[target] == "absent\n") }
      let left = "ls -d /etc/plain /etc/systemd/system/multi-user.target.wants/plain.service 2>/dev/null || true"
      #expect(try await site.sh(left) == "")
      #expect(try await site.sh("systemctl show -P LoadState plain.service") == "not-found\n")
    }
  }

  @Test("rolls back from a service that ignores SIGTERM in seconds, by SIGKILL")
  func stubborn() async throws {
    try await Site.with(name: "stubborn") { site in
      try await PlainRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      try await PlainRelease.write("2", .stubborn, to: site)
      let second = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(second.exit == 0, "\(second)")
      let back = try await site.qtctl("rollback", "--deadline", "30s")
      #expect(back.exit == 0 && back.outcome == .rolledBack, "\(back)")
      #expect(back.seconds < 30)
      #expect(back.steps.contains { $0.detail.contains("was killed") }, "\(back.steps)")
      #expect(try await site.sh("cat /etc/plain/plain.conf") == "version 1\n")
    }
  }

  @Test("killed in the middle is undone by the next command, which says so; then a deploy succeeds")
  func killed() async throws {
    try await Site.with(name: "killed") { site in
      try await PlainRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      let before = try await site.state(of: PlainRelease.targets)
      try await PlainRelease.write("2", .slow, to: site)
      let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
      // The watchdog would undo it within seconds; here the next command is to.
      try await site.sh("systemctl kill --signal STOP 'qtctl-dead-man-*.service'")
      deploy.kill()
      _ = try await deploy.output()
      #expect(try await site.state(of: PlainRelease.targets) != before)
      for verb in [["status"], ["verify", "--stable", "0s"], ["backups", "list"]] {
        let look = try await site.qtctl(verb)
        // Status says it in what it reports, the others beside what they report.
        let said = look.output.stdout + look.output.stderr
        #expect(said.contains("was interrupted and is not undone yet"), "\(verb) \(look)")
      }

      let next = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(next.exit == 22, "\(next)")
      #expect(try await site.state(of: PlainRelease.targets) == before)
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      let left =
        "find /usr/local/bin /etc /var/backups/qtctl /var/lib/qtctl -name '*qtctl-staged' -o -name '*unfinished' "
        + "-o -name transaction.jsonl"
      #expect(try await site.sh(left) == "")
      let again = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(again.exit == 0, "\(again)")
    }
  }

  @Test("is restored by hand with restore.sh where there is no qtctl")
  func restoreByHand() async throws {
    try await Site.with(name: "by-hand") { site in
      try await PlainRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      let one = try await site.state(of: PlainRelease.targets)
      try await PlainRelease.write("2", .good, to: site)
      let second = try await site.qtctl("deploy", PlainRelease.folder)
      let stamp = try #require(second.stamp)
      try await site.sh("rm /usr/local/bin/qtctl; rm -r /var/lib/qtctl \(PlainRelease.folder)")
      try await site.sh("\(PlainRelease.store)/\(stamp)/restore.sh")
      #expect(try await site.state(of: PlainRelease.targets) == one)
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }
}
