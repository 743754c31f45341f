import Deployment
import Glibc
import Rehearsal
import TestSupport
import Testing

@Suite("A command on another host", .serialized)
struct HostTests {
  @Test("deploys, looks and goes back there as it does here, and sends of a release what the host lacks")
  func wholeJob() async throws {
    try await Fleet.with(name: "whole", hosts: 1) { fleet in
      let (desk, host) = (fleet.desk, fleet.hosts[0])
      try await PlainRelease.write("1", .good, to: desk)
      try await desk.sh("ln -s plain \(PlainRelease.folder)/link; mkdir -m 700 \(PlainRelease.folder)/empty")
      let first = try await desk.machine.run(
        ["qtctl", "deploy", "--host", "host1"], workingDirectory: PlainRelease.folder)
      #expect(first.succeeded && first.stderr.contains("lacks 4 of 4 files"), "\(first.stderr)")
      #expect(first.stdout.contains("plain 1") && first.stdout.contains("deployed and verified"), "\(first.stdout)")
      #expect(try await PlainRelease.running(host) == "plain 1, active")
      #expect(try await desk.sh("ls /var/lib/qtctl /usr/local/bin/plain 2>/dev/null || true") == "")

      // What is there already is not sent again, whole or in part, and what was changed there is.
      let again = try await desk.machine.run([
        "qtctl", "--host=host1", "deploy", PlainRelease.folder, "--color", "always",
      ])
      #expect(again.succeeded && again.stderr.contains("lacks 0 of 4 files"), "\(again.stderr)")
      #expect(again.stdout.contains("\u{1b}[32m"), "\(again.stdout)")
      try await host.sh("for file in /var/lib/qtctl/received/*/content/plain.conf; do echo x >>$file; done")
      try await PlainRelease.write("2", .good, to: desk)
      try await desk.sh("cd \(PlainRelease.folder); cp plain copy; touch none")
      let second = try await desk.machine.run(["qtctl", "deploy", PlainRelease.folder, "--host", "host1"])
      #expect(second.succeeded && second.stderr.contains("lacks 5 of 6 files"), "\(second.stderr)")

      // As sent, whoever the user is there.
      try await host.sh("echo 'deploy ALL=(root) NOPASSWD: /usr/local/bin/qtctl' >/etc/sudoers.d/qtctl")
      for command in [["verify"], ["status"], ["history"], ["backups", "list"], ["doctor"], ["logs", "plain"]] {
        let there = try await desk.machine.run(["qtctl"] + command + ["--host", "deploy@host1"])
        let here = try await host.machine.run(["qtctl"] + command)
        #expect(there.status == here.status, "\(command): \(there.stderr)")
        if command == ["history"] { #expect(there.stdout.contains("deploy /root/plain --color always")) }
      }
      let back = try await desk.qtctl("rollback", "--host", "deploy@host1")
      #expect(back.exit == 0 && back.outcome == .rolledBack, "\(back)")
      #expect(try await PlainRelease.running(host) == "plain 1, active")
      #expect(try await host.sh("tail -n 1 /var/lib/qtctl/history.jsonl").contains("\"user\":\"deploy\""))
      try await files(desk, host, try #require(back.stamp))
      try await fullDisk(desk, host)
      try await detached(desk, host, try #require(back.stamp))
    }
  }

  /// Whatever changes the host is a unit there, and what only looks is none; both are run where they would be by ssh.
  private func detached(_ desk: Site, _ host: Site, _ stamp: String) async throws {
    let runs = "find /var/lib/qtctl/runs -name run.json -newer /tmp/before"
    for (words, isDetached) in [
      (["backups", "pin", stamp], true), (["backups", "unpin", stamp], true), (["backups", "prune"], true),
      (["adopt", "plain", "--into", "mine"], true), (["backups", "prune", "--dry-run"], false),
      (["rollback", stamp, "--dry-run"], false), (["backups", "check"], false),
    ] {
      try await host.sh("touch /tmp/before; sleep 0.01")
      let run = try await desk.qtctl(words + ["--host", "deploy@host1"])
      #expect(run.exit == 0, "\(words): \(run)")
      #expect(try await host.sh(runs).isEmpty != isDetached, "\(words)")
    }
    try await host.sh("[ -f /home/deploy/mine/qtctl.yaml ]")
  }

  /// Where there is no room for what it prints, nor for its end, a deploy ends all the same.
  private func fullDisk(_ desk: Site, _ host: Site) async throws {
    try await host.sh("mount -t tmpfs -o size=4k tmpfs /var/lib/qtctl/runs")
    try await PlainRelease.write("full", .good, to: desk)
    let run = try await desk.machine.run(["qtctl", "deploy", PlainRelease.folder, "--host", "host1"])
    #expect(run.succeeded && run.stderr.contains("the history says: deploy deployed"), "\(run.stdout)\(run.stderr)")
    #expect(try await PlainRelease.running(host) == "plain full, active")
    try await host.sh("umount /var/lib/qtctl/runs")
  }

  /// What a command writes comes to the desk, and what it reads is of the desk.
  private func files(_ desk: Site, _ host: Site, _ stamp: String) async throws {
    try await desk.sh(
      """
      cd /root; qtctl verify --junit junit.xml --host host1 >verify; grep -q '<testsuite' junit.xml
      qtctl report --html page.html --host host1 >report; grep -q '<!-- qtctl report' page.html; grep -q page.html report
      qtctl backups export \(stamp) backup.tar.zst --host host1
      [ $(stat -c %a backup.tar.zst) = 600 ]
      """)
    let exists = try await desk.qtctl("backups", "export", stamp, "/root/backup.tar.zst", "--host", "host1")
    #expect(exists.exit == 14 && exists.message.contains("exists"), "\(exists)")
    try await host.sh("rm -r \(PlainRelease.store)/\(stamp)")
    let brought = try await desk.qtctl("backups", "import", "/root/backup.tar.zst", "--host", "host1")
    #expect(brought.exit == 0 && brought.stamp == stamp, "\(brought)")
    #expect(try await host.sh("find /var/lib/qtctl/received -name '*.zst'") == "")
    try await desk.sh("cd /root; tar -cf plain.tar -C plain .")
    let archive = try await desk.qtctl("deploy", "/root/plain.tar", "--dry-run", "--host", "host1")
    #expect(archive.exit == 0 && archive.outcome == .planned, "\(archive)")
    #expect(try await host.sh("ls -A /var/lib/qtctl/received | grep incoming || true") == "")
  }

  @Test("that fails, is interrupted or killed there ends as it does here, and attach tells it again")
  func ends() async throws {
    try await Fleet.with(name: "ends", hosts: 1) { fleet in
      let (desk, host) = (fleet.desk, fleet.hosts[0])
      let never = try await desk.qtctl("attach", "--host", "host1")
      #expect(never.exit == 14 && never.message.contains("no command was begun"), "\(never)")
      try await PlainRelease.write("1", .good, to: desk)
      let first = try await desk.qtctl("deploy", PlainRelease.folder, "--host", "host1")
      #expect(first.exit == 0, "\(first)")
      try await PlainRelease.write("2", .dies, to: desk)
      let broken = try await desk.qtctl("deploy", PlainRelease.folder, "--host", "host1")
      #expect(broken.exit == 20 && broken.checks.contains { $0.id == "unit.stable" }, "\(broken)")
      let told = try await desk.machine.run(["qtctl", "attach", "--host", "host1"])
      #expect(told.status == .exited(20) && told.stdout == broken.output.stdout, "\(told.stdout)\(told.stderr)")

      // Ctrl-C does there what it does here.
      try await PlainRelease.write("3", .slow, to: desk)
      let running = try await Self.begin(fleet)
      running.signal(SIGINT)
      let interrupted = try await running.output()
      #expect(interrupted.status == .exited(20) && interrupted.stdout.contains("Rolled back"), "\(interrupted.stderr)")
      // A second one leaves it.
      let left = try await Self.begin(fleet)
      left.signal(SIGINT)
      try await Task.sleep(for: .milliseconds(300))
      left.signal(SIGINT)
      let leaving = try await left.output()
      #expect(leaving.status == .exited(41) && leaving.stderr.contains("qtctl attach"), "\(leaving.stderr)")
      #expect(try await desk.machine.run(["qtctl", "attach", "--host", "host1"]).status == .exited(20))

      for kill in ["systemctl kill -s KILL --kill-whom=main 'qtctl-run-*'", ""] {
        let doomed = try await Self.begin(fleet)
        if kill.isEmpty {
          try await host.machine.reboot(.powerCut)
          try await desk.sh("pkill -KILL -x ssh || true")
        } else {
          try await host.sh(kill)
        }
        let end = try await doomed.output()
        #expect(end.status == .exited(kill.isEmpty ? 41 : 22), "\(end.stdout)\(end.stderr)")
        guard !kill.isEmpty else { break }
        let after = try await desk.machine.run(["qtctl", "attach", "--host", "host1"])
        #expect(after.status == .exited(22) && after.stderr.contains("was killed"), "\(after.stderr)")
        #expect(try await PlainRelease.running(host) == "plain 1, active")
      }
      let attach = try await host.machine.run(["qtctl", "attach"])
      #expect(attach.status == .exited(21) && attach.stderr.contains("run: qtctl recover"), "\(attach.stderr)")
      #expect(try await host.qtctl("recover").exit == 0)
      #expect(try await host.machine.run(["qtctl", "attach"]).status == .exited(22))
      #expect(try await PlainRelease.running(host) == "plain 1, active")
    }
  }

  /// Begins a slow deploy, and returns when its service is being started.
  private static func begin(_ fleet: Fleet) async throws -> BackgroundProcess {
    let run = try await fleet.desk.machine.spawn(["qtctl", "deploy", PlainRelease.folder, "--again", "--host", "host1"])
    try await fleet.hosts[0].wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
    return run
  }
}
