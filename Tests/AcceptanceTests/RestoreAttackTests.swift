import Deployment
import Rehearsal
import TestSupport
import Testing

/// `restore.sh` is run by root, and the folder of a target belongs to somebody else.
@Suite("Nobody else steers restore.sh")
struct RestoreAttackTests {
  private static let victim = "/srv/victim"

  /// - Parameter body: is given the path of a `restore.sh` that puts `version 1` back, and what the victim looks like.
  private static func attack(
    _ name: String, _ body: @Sendable (Site, _ script: String, _ before: String) async throws -> Void
  ) async throws {
    try await AttackTests.attack(name, target: "/srv/app/conf/app.conf") { site in
      let run = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(run.exit == 0, "\(run)")
      try await site.sh("mkdir \(victim); echo root > \(victim)/app.conf; chmod 600 \(victim)/app.conf")
      try await body(site, "\(PlainRelease.store)/\(try #require(run.stamp))/restore.sh", picture(site))
    }
  }

  private static func picture(_ site: Site) async throws -> String {
    try await site.sh("find \(victim) -printf '%p %m %u %l %C@\\n' | sort; cat \(victim)/app.conf")
  }

  @Test("a link in place of the folder is refused before anything is changed", .timeLimit(.minutes(3)))
  func link() async throws {
    try await Self.attack("by-link") { site, script, before in
      let all = try await PlainRelease.everything(site)
      try await AttackTests.mallory(site, "cd /srv/app; mv conf old; ln -s \(Self.victim) conf")
      let refused = try await site.machine.run([script])
      #expect(refused.status == .exited(14), "\(refused)")
      #expect(refused.stderr.contains("'/srv/app/conf' is a symlink") && refused.stderr.contains("nothing was changed"))
      #expect(try await PlainRelease.everything(site) == all)
      #expect(try await Self.picture(site) == before)
      try await AttackTests.mallory(site, "cd /srv/app; rm conf; mv old conf")
      try await site.sh(script)
      #expect(
        try await site.sh("cat /srv/app/conf/app.conf; stat -c '%U %a' /srv/app/conf/app.conf; ls -A /srv/app/conf")
          == "version 1\nroot 644\napp.conf\n")
    }
  }

  @Test("whatever is swapped while it runs, nothing outside of the folder changes", .timeLimit(.minutes(5)))
  func swapped() async throws {
    try await Self.attack("by-swap") { site, script, before in
      try await site.machine.write(
        """
        cd /srv/app
        while :; do
          mv conf old; ln -s \(Self.victim) conf; rm conf; mv old conf
          for name in .app.conf.qtctl-staged app.conf; do ln -sf \(Self.victim)/app.conf conf/$name; done
          for name in conf/.qtctl-restore.*; do mv $name conf/x; ln -s \(Self.victim) $name; rm -f $name; mv conf/x $name; done
        done 2>/dev/null
        """, to: "/srv/meddle", mode: 0o755)
      try await site.sh("systemd-run -q --unit meddle -p User=mallory sh /srv/meddle")
      var restored = 0
      for _ in 1...15 {
        if try await site.machine.run([script]).succeeded { restored += 1 }
        #expect(try await Self.picture(site) == before)
      }
      print("restore.sh beside a meddler: \(restored) of 15 ended well, nothing outside changed")
      try await site.sh("systemctl stop meddle; rm -rf /srv/app/old /srv/app/conf; mkdir /srv/app/conf; \(script)")
      #expect(try await site.sh("cat /srv/app/conf/app.conf") == "version 1\n")
    }
  }
}
