import Deployment
import Rehearsal
import TestSupport
import Testing

/// What an unprivileged user, a release that is only looked at, and the surroundings of the call can do to a qtctl that
/// runs as root. One machine for all of it: each attack begins with a deploy.
@Suite("Nobody else steers, stalls or crashes qtctl")
struct AttackTests {
  /// - Parameter body: begins with release 1 deployed and release 2 laid out.
  static func attack(
    _ name: String, target: String? = nil, _ body: @Sendable (Site) async throws -> Void
  ) async throws {
    try await Site.with(name: name) { site in
      try await site.sh("useradd --create-home mallory")
      for version in ["1", "2"] {
        try await PlainRelease.write(version, .good, to: site)
        if let target {
          try await site.sh("sed -i 's,/etc/plain/plain.conf,\(target),' \(PlainRelease.folder)/qtctl.yaml")
          try await site.sh("install -d -o mallory -g mallory $(dirname $(dirname \(target))) $(dirname \(target))")
        }
        guard version == "1" else { break }
        let run = try await site.qtctl("deploy", PlainRelease.folder)
        #expect(run.exit == 0, "\(run)")
      }
      try await body(site)
    }
  }

  static func mallory(_ site: Site, _ script: String) async throws {
    try await site.run(["runuser", "-u", "mallory", "--", "sh", "-euc", script])
  }

  @Test("not by swapping the folder of a target, which stays safe to install into", .timeLimit(.minutes(3)))
  func targetFolder() async throws {
    try await Self.attack("swapped", target: "/srv/app/conf/app.conf") { site in
      let forward = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(forward.exit == 0, "\(forward)")
      try await Self.mallory(
        site, "cd /srv/app; mv conf old; ln -s /etc/tmpfiles.d conf")
      let refused = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(refused.exit != 0 && refused.message.contains("/srv/app/conf"), "\(refused)")
      #expect(try await site.sh("ls /etc/tmpfiles.d | grep -c app.conf || true") == "0\n")
      try await Self.mallory(site, "cd /srv/app; rm conf; mv old conf")
      let back = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(back.exit == 0, "\(back)")
      #expect(try await site.sh("cat /srv/app/conf/app.conf") == "version 1\n")
    }
  }

  @Test("not by a file time beyond 2262, on the host or in an archive that is only looked at", .timeLimit(.minutes(3)))
  func times() async throws {
    try await Self.attack("times") { site in
      try await site.sh("touch -d @13000000000 /etc/plain/plain.conf /root/plain/plain; cd /root; tar -cf a.tar plain")
      for arguments in [
        ["deploy", "/root/a.tar", "--dry-run"], ["deploy", PlainRelease.folder], ["rollback", "--name", "plain"],
        ["backup", "--name", "plain"], ["recover"], ["verify", "--name", "plain"],
      ] {
        let run = try await site.qtctl(arguments)
        #expect(run.exit == 0, "\(arguments): \(run)")
      }
    }
  }

  @Test("not by backups of their own, nor by those of another host", .timeLimit(.minutes(3)))
  func store() async throws {
    try await Self.attack("forged") { site in
      try await site.sh("chown mallory /var/backups")
      let unsafe = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(unsafe.exit == 14 && unsafe.message.contains("belongs to mallory"), "\(unsafe)")
      #expect(unsafe.message.contains("QTCTL_BACKUPS="), "\(unsafe)")
      try await site.sh("chown root /var/backups")
      let forward = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(forward.exit == 0, "\(forward)")
      try await site.sh("hostname other")
      let foreign = try await site.qtctl("rollback", "--name", "plain")
      #expect(foreign.exit == 14 && foreign.message.contains("host 'forged'"), "\(foreign)")
    }
  }

  @Test("not by escapes in logs, reasons, names and archives", .timeLimit(.minutes(3)))
  func terminal() async throws {
    try await Self.attack("terminal") { site in
      try await site.sh(
        "printf '#!/bin/sh\\nprintf \"up \\\\033[2J\\\\n\"\\nsystemd-notify --ready; exec sleep infinity\\n' > /root/plain/plain"
      )
      try await site.sh("qtctl deploy /root/plain --reason \"$(printf 'why \\033[31m')\" > /tmp/out 2>&1")
      try await site.sh(
        "qtctl logs --name plain >> /tmp/out; qtctl history >> /tmp/out; qtctl backups list --name plain >> /tmp/out")
      try await site.sh(
        "grep -F 'up \\x1b[2J' /tmp/out; grep -F 'why \\x1b[31m' /tmp/out; ! grep \"$(printf '\\033')\" /tmp/out")
    }
  }

  @Test("not by the environment, nor by descriptors that are closed", .timeLimit(.minutes(3)))
  func environment() async throws {
    try await Self.attack("environment") { site in
      try await site.sh(
        "mkdir /srv/evil; for p in tar diff timeout sh journalctl zstd; do printf '#!/bin/sh\\ntouch /root/evil\\n' > /srv/evil/$p; done; chmod 755 /srv/evil/*"
      )
      try await site.sh("cd /root; tar --zstd -cf a.tar.zst plain; echo drift >> /etc/plain/plain.conf")
      try await site.sh(
        "umask 077; PATH=/srv/evil:$PATH TAR_OPTIONS=--checkpoint-action=exec=/srv/evil/tar LC_ALL=de_DE qtctl deploy /root/a.tar.zst || true"
      )
      let closed = try await site.machine.run(["sh", "-c", "qtctl deploy /root/a.tar.zst --accept-drift <&- >&- 2>&-"])
      #expect(closed.succeeded)
      #expect(try await site.sh("ls /root/evil 2>/dev/null || true; stat -c %a /etc/plain") == "755\n")
    }
  }

  @Test("not by a release that is only looked at, also beside other dry runs", .timeLimit(.minutes(3)))
  func dryRun() async throws {
    try await Self.attack("looked-at") { site in
      // The unit's own /bin/sh, which earlier versions had run.
      try await site.sh("printf '#!/bin/busybox sh\\ntouch /root/evil\\n' > /root/plain/sh; chmod 755 /root/plain/sh")
      try await site.sh(
        "sed -i 's,ExecStart=,BindReadOnlyPaths=/root/plain/sh:/bin/sh\\nUser=mallory\\nExecStart=,' /root/plain/plain.service"
      )
      try await site.sh(
        "pids=; for i in 1 2 3 4 5 6; do qtctl deploy /root/plain --dry-run > /tmp/$i 2>&1 & pids=\"$pids $!\"; done; for p in $pids; do wait $p; done",
        within: .seconds(90))
      #expect(
        try await site.sh(
          "ls /root/evil 2>/dev/null || true; ls -d /run/qtctl-preflight* /run/systemd/system/qtctl-* 2>/dev/null || true"
        ) == "")
      // The question is asked all the same.
      try await site.sh(
        "chmod 600 /root/plain/qtctl.yaml; sed -i 's,ExecStart=/usr/local/bin/plain,& /root/secret,' /root/plain/plain.service; echo x > /root/secret"
      )
      let run = try await site.qtctl("deploy", PlainRelease.folder, "--dry-run")
      #expect(run.exit == 14 && run.message.contains("/root"), "\(run)")
    }
  }

  @Test("not by listening on the port of a Redis that is down: no password is told", .timeLimit(.minutes(3)))
  func squatter() async throws {
    try await Self.attack("squatter") { site in
      let manifest = "redis: redis://:pw-of-root@127.0.0.1:6379/0\\nverify: {stable: 1s, deadLetters: [dl]}"
      try await site.sh(
        "sed -i 's|^verify:.*|\(manifest)|' /root/plain/qtctl.yaml; redis-cli CONFIG SET requirepass pw-of-root")
      let served = try await site.qtctl("verify", folder: PlainRelease.folder)
      #expect(served.checks.contains { $0.id == "redis.reachable" && $0.status == .pass }, "\(served)")
      try await site.sh("systemctl stop redis-server; rm -f /tmp/heard")
      try await site.sh(
        """
        cat >/tmp/squat.py <<'END'
        import socket
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 6379))
        listener.listen()
        while True:
            with listener.accept()[0] as client:
                client.settimeout(2)
                try: heard = client.recv(999)
                except OSError: heard = b""
                open("/tmp/heard", "ab").write(heard)
        END
        systemd-run -q --unit squat -p User=mallory python3 /tmp/squat.py
        until ss -tln | grep -q 127.0.0.1:6379; do sleep 0.05; done
        """)
      let refused = try await site.qtctl("verify", folder: PlainRelease.folder)
      #expect(refused.exit == 30, "\(refused)")
      #expect(
        refused.checks.contains { $0.detail.contains("'mallory'") && $0.detail.contains("not sent") }, "\(refused)")
      #expect(try await site.sh("grep -c pw-of-root /tmp/heard || true") == "0\n")
      // A service of one's own choice may be named.
      let named = try await site.machine.run(
        ["env", "QTCTL_REDIS_USER=mallory", "qtctl", "verify", "--json"], workingDirectory: PlainRelease.folder)
      #expect(named.stdout.contains("not sent") == false)
      #expect(try await site.sh("grep -c pw-of-root /tmp/heard || true") != "0\n")
    }
  }

  @Test("a recovery without a look puts everything back", .timeLimit(.minutes(3)))
  func blindRecovery() async throws {
    try await Self.attack("blind") { site in
      try await PlainRelease.write("2", .slow, to: site)
      try await site.sh(
        "qtctl deploy /root/plain >/dev/null 2>&1 & pid=$!; until grep -q 'start plain' /var/lib/qtctl/transaction.jsonl 2>/dev/null; do sleep 0.05; done; systemctl stop 'qtctl-dead-man-*'; kill -9 $pid"
      )
      let run = try await site.qtctl("recover", "--blind")
      #expect(run.exit == 0 && !run.message.contains("healthy"), "\(run)")
      #expect(
        try await site.sh("cat /etc/plain/plain.conf; ls /var/lib/qtctl/transaction.jsonl 2>/dev/null || true")
          == "version 1\n")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }
}
