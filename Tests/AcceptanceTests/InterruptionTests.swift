import Deployment
import Glibc
import Rehearsal
import TestSupport
import Testing

@Suite("An interrupted deploy")
struct InterruptionTests {
  @Test("is undone at once by SIGINT and SIGTERM, says so, and a second signal changes nothing of that")
  func signals() async throws {
    try await Site.with(name: "signals") { site in
      try await PlainRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      let before = try await site.state(of: PlainRelease.targets)
      try await PlainRelease.write("2", .mute, to: site)
      for (number, name) in [(SIGINT, "SIGINT"), (SIGTERM, "SIGTERM")] {
        let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
        try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
        deploy.signal(number)
        try await site.wait(for: "grep -q '\"undo\"' /var/lib/qtctl/transaction.jsonl")
        deploy.signal(number)
        let output = try await deploy.output()
        #expect(output.status == .exited(20) && output.stderr.contains("interrupted by \(name)"), "\(output.stderr)")
        // The mute service would have had five seconds to become ready.
        #expect(output.seconds < 5)
        #expect(try await site.state(of: PlainRelease.targets) == before)
        #expect(try await PlainRelease.running(site) == "plain 1, active")
      }
      let next = try await site.qtctl("recover")
      #expect(next.exit == 0 && next.message == "there is nothing to recover", "\(next)")
    }
  }

  @Test("is undone in the middle of its checks too; a hang-up does not stop one")
  func checks() async throws {
    try await Site.with(name: "checks") { site in
      try await PlainRelease.write("1", .good, to: site)
      let first = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q '\"stage\":\"verify\"' /var/lib/qtctl/lock")
      first.signal(SIGHUP)
      #expect(try await first.output().succeeded)
      try await PlainRelease.write("2", .good, to: site)
      let second = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder, "--stable", "30s"])
      try await site.wait(for: "grep -q '\"stage\":\"verify\"' /var/lib/qtctl/lock")
      second.signal(SIGTERM)
      let output = try await second.output()
      #expect(output.status == .exited(20) && output.seconds < 15, "\(output.stderr)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }

  @Test(
    "whose process is killed is undone within seconds, and one that hangs at its step's deadline, with nobody there",
    arguments: [SIGKILL, SIGSTOP])
  func watchdog(_ signal: Int32) async throws {
    try await Site.with(name: "dead-man") { site in
      let soon = "rollback: {deadline: 5s}"
      try await PlainRelease.write("1", .good, extra: soon, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      try await site.wait(for: "[ -z \"$(systemctl list-units --all --plain --no-legend 'qtctl-*')\" ]")
      let before = try await site.state(of: PlainRelease.targets)
      try await PlainRelease.write("2", .slow, extra: soon, to: site)
      let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
      deploy.signal(signal)
      #expect(try await site.state(of: PlainRelease.targets) != before)
      try await site.wait(
        for: "[ ! -e /var/lib/qtctl/transaction.jsonl ]", within: .seconds(signal == SIGKILL ? 15 : 60))
      #expect(try await site.state(of: PlainRelease.targets) == before)
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      deploy.kill()
    }
  }

  @Test(
    "is undone by the boot after a power cut, before its services start, also where the first recovery dies",
    arguments: [false, true])
  func powerCut(_ dies: Bool) async throws {
    try await Site.with(name: "power-cut") { site in
      let unit = "/usr/local/lib/systemd/system/qtctl-recover.service"
      try await site.machine.copyIn(Checkout.root + "/units/qtctl-recover.service", to: unit, mode: 0o644)
      try await site.sh("systemctl enable qtctl-recover.service")
      try await PlainRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      let before = try await site.state(of: PlainRelease.targets)
      try await PlainRelease.write("2", .slow, to: site)
      _ = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
      #expect(try await site.state(of: PlainRelease.targets) != before)
      if dies {
        try await site.sh("mv /usr/local/bin/qtctl /usr/local/bin/real")
        let script =
          "#!/bin/sh\ncase \"$*\" in 'recover --boot') kill -SEGV $$ ;; esac\nexec /usr/local/bin/real \"$@\"\n"
        try await site.machine.write(script, to: "/usr/local/bin/qtctl", mode: 0o755)
      }
      try await site.machine.reboot(.powerCut)

      #expect(try await site.state(of: PlainRelease.targets) == before)
      let status = try await site.sh("systemctl status qtctl-recover.service || true")
      #expect(try await site.sh("ls /var/lib/qtctl/transaction.jsonl 2>/dev/null || true") == "", "\(status)")
      try await site.wait(for: "systemctl is-active --quiet plain.service")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      let times = try await site.sh(
        "systemctl show -P ExecMainExitTimestampMonotonic qtctl-recover.service; "
          + "systemctl show -P ExecMainStartTimestampMonotonic plain.service")
      let numbers = times.split(separator: "\n").compactMap { Int($0) }
      #expect(numbers.count == 2 && numbers[0] > 0 && numbers[0] <= numbers[1], "\(times) \(status)")
      let next = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(next.exit == 0, "\(next)")
    }
  }

  @Test("is undone with the Redis that its own environment named, by the watchdog and by the next command")
  func redisOfTheCommand() async throws {
    try await Site.with(name: "redis-user") { site in
      // No unit says that this is a Redis: only QTCTL_REDIS_USER lets it have the password.
      try await site.sh(
        """
        useradd mallory
        systemd-run -q --unit own -p User=mallory sh -c 'redis-server --port 6391 --requirepass pw --save "" --dir /tmp \
          --appendonly yes; true'
        until redis-cli -p 6391 -a pw --no-auth-warning ping | grep -q PONG; do sleep 0.1; done
        """)
      let named = ["env", "QTCTL_REDIS_USER=mallory", "QTCTL_REDIS=redis://:pw@127.0.0.1:6391/0"]
      let deploy = named + ["qtctl", "deploy", PlainRelease.folder, "--json"]
      for isWatched in [true, false] {
        for (version, behaviour) in [("1", PlainRelease.Behaviour.good), ("2", .slow)] {
          try await PlainRelease.write(version, behaviour, extra: "redis: redis://127.0.0.1:6399/0", to: site)
          try await site.sh("sed -i 's/^verify:.*/verify: {stable: 1s, deadLetters: [dl]}/' /root/plain/qtctl.yaml")
          guard version == "1" else { break }
          let run = try QtctlRun(await site.machine.run(deploy))
          #expect(run.exit == 0, "\(run)")
        }
        let process = try await site.machine.spawn(deploy)
        try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
        if !isWatched { try await site.sh("systemctl stop 'qtctl-dead-man-*'") }
        process.signal(SIGKILL)
        if !isWatched {
          let run = try await site.qtctl("recover")
          #expect(run.exit == 0 && run.message.contains("verified healthy"), "\(run)")
        }
        try await site.wait(for: "[ ! -e /var/lib/qtctl/transaction.jsonl ]")
        let last = try await site.sh("tail -n 1 /var/lib/qtctl/history.jsonl")
        #expect(last.contains("\"exit\":22"), "\(last)")
      }
    }
  }
}
