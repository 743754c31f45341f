import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A rollback on a real host")
struct RollbackTests {
  @Test("names its aim with age and release, passes over damage, and goes forward only to a stamp that is named")
  func several() async throws {
    try await Site.with(name: "several") { site in
      try await PlainRelease.deploy("1", to: site)
      let second = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      let third = try #require(try await PlainRelease.deploy("3", to: site).stamp)
      try await site.sh("printf x >> \(PlainRelease.store)/\(third)/files/etc/plain/plain.conf")
      for arguments in [["--dry-run"], []] {
        let run = try await site.qtctl(["rollback"] + arguments, folder: PlainRelease.folder)
        #expect(run.exit == 0, "\(run)")
        for word in [
          "backup \(third) is damaged (files/etc/plain/plain.conf", "skipped", second, "old, release 1 (",
        ] {
          #expect(run.message.contains(word), "\(word) in \(run)")
        }
        #expect(
          run.output.stderr.contains("rolling back to backup \(second)") == arguments.isEmpty, "\(run.output.stderr)")
      }
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      // What a rollback has left is gone back to by its stamp alone.
      let further = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(further.exit == 12 && further.message.contains(third), "\(further)")
      var stamps = try await site.sh("ls \(PlainRelease.store) | sort | tail -n 1").split(separator: "\n").map(
        String.init)
      for version in [3, 1, 3] {
        let run = try await site.qtctl("rollback", try #require(stamps.last), folder: PlainRelease.folder)
        #expect(run.exit == 0, "\(run)")
        #expect(try await PlainRelease.running(site) == "plain \(version), active")
        stamps.append(try #require(run.stamp))
      }
      let next = try await PlainRelease.deploy("4", to: site)
      #expect(next.exit == 0, "no drift: \(next)")
    }
  }

  @Test("after a deploy that was killed first undoes that one, and works when asked again")
  func interrupted() async throws {
    try await Site.with(name: "interrupted") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.deploy("2", to: site)
      try await PlainRelease.write("3", .slow, to: site)
      let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
      deploy.kill()
      _ = try await deploy.output()
      let first = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(first.exit == 22, "\(first)")
      #expect(try await PlainRelease.running(site) == "plain 2, active")
      let second = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(second.exit == 0, "\(second)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }

  @Test("to a backup that is named ends a deploy that was killed and whose own backup is damaged")
  func wayBackLost() async throws {
    try await Site.with(name: "lost") { site in
      try await PlainRelease.deploy("1", to: site)
      let one = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      try await PlainRelease.write("3", .slow, to: site)
      let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
      try await site.wait(for: "grep -q 'start plain.service' /var/lib/qtctl/transaction.jsonl")
      deploy.kill()
      _ = try await deploy.output()
      let damaged = try await site.sh("ls \(PlainRelease.store) | tail -n 1").replacing("\n", with: "")
      try await site.sh("echo 'version 7' > \(PlainRelease.store)/\(damaged)/files/etc/plain/plain.conf")

      let recover = try await site.qtctl("recover")
      #expect(recover.exit == 21 && recover.message.contains("backup \(damaged)"), "\(recover)")
      for command in [["deploy", PlainRelease.folder], ["rollback", "--name", "plain"]] {
        let stuck = try await site.qtctl(command)
        #expect(stuck.exit == 21 && stuck.message.contains("'qtctl rollback STAMP'"), "\(stuck)")
      }
      let refused = try await site.qtctl("rollback", damaged)
      #expect(refused.exit == 12, "\(refused)")
      let back = try await site.qtctl("rollback", one)
      #expect(back.exit == 0, "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      let left =
        "find /usr/local/bin /etc/plain /etc/systemd /var/lib/qtctl -name '*qtctl-staged' -o -name transaction.jsonl"
      #expect(try await site.sh(left) == "")
      let next = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(next.exit == 0, "\(next)")
    }
  }

  @Test("needs neither release nor manifest nor checkout nor records: a stamp, a name or the store will do")
  func everythingGone() async throws {
    try await Site.with(name: "gone") { site in
      try await Self.deployOther(site)
      // So that no stamp is in both stores, which would be another doubt.
      try await Task.sleep(for: .seconds(1))
      try await PlainRelease.deploy("1", to: site)
      let second = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      try await site.sh("rm -r \(PlainRelease.folder) /root/other")

      let doubt = try await site.qtctl("rollback")
      #expect(
        doubt.exit == 14 && doubt.message.contains("other, plain") && doubt.message.contains("--name"), "\(doubt)")
      let unknown = try await site.qtctl("rollback", "--name", "plane")
      #expect(unknown.exit == 14 && unknown.message.contains("other, plain"), "\(unknown)")
      let nowhere = try await site.qtctl("rollback", "20200101_000000")
      #expect(nowhere.exit == 10 && nowhere.message.contains("/var/backups/other or"), "\(nowhere)")
      let byStamp = try await site.qtctl("rollback", second)
      #expect(byStamp.exit == 0, "\(byStamp)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      let byName = try await site.qtctl("rollback", "--name", "plain")
      #expect(byName.exit == 10 && byName.message.contains("before qtctl's first deploy"), "\(byName)")
      let forward = try await site.qtctl("rollback", "--name", "plain", try #require(byStamp.stamp))
      #expect(forward.exit == 0, "\(forward)")
      #expect(try await PlainRelease.running(site) == "plain 2, active")

      // A manifest that is found and cannot be read is only the most convenient way to the store.
      try await site.machine.write("name: [", to: "/root/qtctl.yaml")
      let broken = try await site.qtctl("rollback", second, folder: "/root")
      #expect(broken.exit == 0, "\(broken)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")

      try await site.sh("rm -r /var/lib/qtctl")
      let nothing = try await site.machine.run(["sh", "-c", "QTCTL_BACKUPS=\(PlainRelease.store) exec qtctl rollback"])
      #expect(nothing.succeeded, "\(nothing.stderr)")
      #expect(try await PlainRelease.running(site) == "plain 2, active")
      #expect(try await site.sh("cat /etc/other.conf") == "other\n")
    }
  }

  private static func deployOther(_ site: Site) async throws {
    try await site.machine.write("other\n", to: "/root/other/other.conf")
    try await site.machine.write(
      """
      name: other
      services:
        - unit: redis-server.service
          files: [{source: other.conf, target: /etc/other.conf}]
      backups: {directory: /var/backups/other}
      verify: {stable: 0s}

      """, to: "/root/other/qtctl.yaml")
    let run = try await site.qtctl("deploy", "/root/other")
    #expect(run.exit == 0, "\(run)")
  }

  @Test("puts files and services back while Redis is down, and does not call that healthy")
  func redisGone() async throws {
    try await Site.with(name: "redis-gone") { site in
      let groups = """
        redis: redis://127.0.0.1:6379/0
        """
      try await site.sh("redis-cli config set appendonly yes; redis-cli config set maxmemory-policy noeviction")
      for version in ["1", "2"] {
        try await PlainRelease.write(version, .good, extra: groups, to: site)
        let run = try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s")
        #expect(run.exit == 0, "\(run)")
      }
      try await site.sh("systemctl stop redis-server")
      let back = try await site.qtctl("rollback", folder: PlainRelease.folder)
      #expect(back.exit == 21 && back.message.contains("redis.reachable"), "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      #expect(try await site.sh("cat /etc/plain/plain.conf") == "version 1\n")
      try await site.sh("systemctl start redis-server")
      let verify = try await site.qtctl("verify", "--stable", "0s", folder: PlainRelease.folder)
      #expect(verify.exit == 0 || verify.exit == 30, "\(verify)")
      #expect(!verify.checks.contains { $0.id == "files.match" && $0.status == .fail }, "\(verify)")
    }
  }

  @Test("leaves the consumer groups where they are; they are put back on request, counted, while nothing runs")
  func cursors() async throws {
    try await Site.with(name: "cursors") { site in
      let groups = """
        redis: redis://127.0.0.1:6379/0
        """
      try await site.sh("redis-cli config set appendonly yes; redis-cli config set maxmemory-policy noeviction")
      try await PlainRelease.write("1", .good, extra: groups, to: site)
      try await site.sh(
        """
        sed -i 's|^verify: .*|verify: {stable: 0s, groups: [{stream: s, group: g, consumers: 0}]}|' \
          \(PlainRelease.folder)/qtctl.yaml
        redis-cli xgroup create s g 0 mkstream
        """)
      try await Self.publishAndRead(3, site)
      let deploy = try await site.qtctl("deploy", "--no-verify", folder: PlainRelease.folder)
      #expect(deploy.exit == 0, "\(deploy)")
      let stamp = try #require(deploy.stamp)
      let saved = try await Self.cursor(site)
      try await Self.publishAndRead(5, site)
      let present = try await Self.cursor(site)

      let look = try await site.qtctl("backups", "cursors", stamp, folder: PlainRelease.folder)
      #expect(look.exit == 0 && look.message.contains("g: 5 entries delivered again"), "\(look)")
      let running = try await site.qtctl("backups", "cursors", stamp, "--put-back", folder: PlainRelease.folder)
      #expect(running.exit == 14 && running.message.contains("qtctl stop"), "\(running)")
      #expect(try await Self.cursor(site) == present)

      _ = try await site.qtctl("stop", folder: PlainRelease.folder)
      let put = try await site.qtctl("backups", "cursors", stamp, "--put-back", folder: PlainRelease.folder)
      #expect(put.exit == 0 && put.message.contains("5 entries delivered again"), "\(put)")
      #expect(try await Self.cursor(site) == saved)

      // The other way there are entries that nobody has had.
      try await site.sh("redis-cli xgroup setid s g 0")
      let forward = try await site.qtctl("backups", "cursors", stamp, "--put-back", folder: PlainRelease.folder)
      #expect(forward.exit == 14 && forward.message.contains("3 entries skipped"), "\(forward)")
      #expect(try await Self.cursor(site) == "0-0\n")
      let skip = try await site.qtctl("backups", "cursors", stamp, "--put-back", "--skip", folder: PlainRelease.folder)
      #expect(skip.exit == 0, "\(skip)")
      #expect(try await Self.cursor(site) == saved)

      try await site.sh("redis-cli xgroup destroy s g")
      let gone = try await site.qtctl("backups", "cursors", stamp, folder: PlainRelease.folder)
      #expect(gone.output.stdout.contains(#""present" : null"#) && gone.output.stdout.contains(#""entries" : null"#))
    }
  }

  private static func publishAndRead(_ count: Int, _ site: Site) async throws {
    try await site.sh(
      """
      for i in $(seq \(count)); do redis-cli xadd s '*' n $i; done
      redis-cli xreadgroup group g reader count \(count) noack streams s '>'
      """)
  }

  private static func cursor(_ site: Site) async throws -> String {
    try await site.sh("redis-cli xinfo groups s | grep -A1 last-delivered-id | tail -n 1")
  }
}
