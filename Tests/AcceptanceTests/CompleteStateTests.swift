import Deployment
import Glibc
import Rehearsal
import TestSupport
import Testing

@Suite("The state that comes back")
struct CompleteStateTests {
  @Test("is all of it, there and back again, by rollback and by hand")
  func everything() async throws {
    try await Site.with(name: "whole") { site in
      try await WholeRelease.write(1, to: site)
      let first = try await site.qtctl("deploy", WholeRelease.folder)
      #expect(first.exit == 0, "\(first)")
      try await WholeRelease.prepare(site)
      let one = try await StatePicture(of: site, WholeRelease.places)
      #expect(try await WholeRelease.running(site) == "whole 1 active A=1 B=1 DROPIN=1 LINE=1 S=1")

      try await WholeRelease.write(2, to: site)
      let second = try await site.qtctl("deploy", WholeRelease.folder)
      #expect(second.exit == 0, "\(second)")
      try await WholeRelease.change(site)
      let two = try await StatePicture(of: site, WholeRelease.places)
      let running = "whole 2 active A=2 ADDED=2 B=1 DROPIN=2 O=2"
      #expect(try await WholeRelease.running(site) == running)

      let stamp = try #require(second.stamp)
      let sparse = "/opt/whole/sparse"
      let blocks = try await site.sh("stat -c %b \(sparse) \(WholeRelease.store)/\(stamp)/files\(sparse)")
      #expect(blocks == "8\n8\n", "of 8192")
      let back = try await site.qtctl("rollback", stamp)
      #expect(back.exit == 0 && back.outcome == .rolledBack, "\(back)")
      try await expect(site, one, "whole 1 active A=1 B=1 DROPIN=1 LINE=1 S=1")

      let forth = try await site.qtctl("rollback", try #require(back.stamp))
      #expect(forth.exit == 0 && forth.outcome == .rolledBack, "\(forth)")
      try await expect(site, two, running)
      let check = try await site.qtctl("backups", "check")
      #expect(check.exit == 0, "\(check)")
      let shown = try await site.machine.run(["qtctl", "backups", "show", stamp]).stdout
      for word in ["drop-in", "environment", "link", "→ /srv/whole.env"] { #expect(shown.contains(word), "\(shown)") }

      try await site.sh("rm -r /usr/local/bin/qtctl /var/lib/qtctl \(WholeRelease.folder)")
      let said = try await site.sh("\(WholeRelease.store)/\(stamp)/restore.sh")
      let aside = "/etc/systemd/system/whole.service.d/added.conf.since"
      #expect(said.contains("set aside: \(aside)"), "\(said)")
      try await site.sh("rm \(aside)")
      try await expect(site, one, "whole 1 active A=1 B=1 DROPIN=1 LINE=1 S=1")
    }
  }

  private func expect(_ site: Site, _ picture: StatePicture, _ running: String) async throws {
    let found = try await StatePicture(of: site, WholeRelease.places)
    #expect(found == picture, "\(found.differences(to: picture))")
    #expect(try await WholeRelease.running(site) == running)
  }

  @Test("is masked again where it was masked; a mask that came since stays until its maker takes it away")
  func masks() async throws {
    try await Site.with(name: "masks") { site in
      let unit = "/usr/local/lib/systemd/system/plain.service"
      func write(_ version: String) async throws {
        try await PlainRelease.write(version, .good, to: site)
        let manifest = PlainRelease.manifest(version).replacing("/etc/systemd/system/plain.service", with: unit)
        try await site.machine.write(manifest, to: PlainRelease.folder + "/qtctl.yaml")
      }
      try await write("1")
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      try await site.sh("systemctl mask --now plain.service")
      let masked = try await site.qtctl("backup")
      #expect(masked.exit == 0, "\(masked)")
      try await site.sh("systemctl unmask plain.service")
      try await write("2")
      let second = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(second.exit == 0, "\(second)")

      let back = try await site.qtctl("rollback", try #require(masked.stamp))
      #expect(back.exit == 0 && back.message.contains("left stopped, as they were then: plain.service"), "\(back)")
      let state = "systemctl is-enabled plain.service; systemctl is-active plain.service; cat /etc/plain/plain.conf"
      #expect(try await site.sh("(set +e; \(state))") == "masked\ninactive\nversion 1\n")
      #expect(try await site.sh("readlink /etc/systemd/system/plain.service") == "/dev/null\n")

      let refused = try await site.qtctl("rollback", try #require(back.stamp))
      #expect(refused.exit == 14 && refused.message.contains("systemctl unmask plain.service"), "\(refused)")
      try await site.sh("systemctl unmask plain.service")
      let forth = try await site.qtctl("rollback", try #require(back.stamp))
      #expect(forth.exit == 0, "\(forth)")
      #expect(try await PlainRelease.running(site) == "plain 2, active")
    }
  }

  @Test("after an interruption is without the links of a first deploy, and with what somebody changed meanwhile")
  func interrupted() async throws {
    try await Site.with(name: "meanwhile") { site in
      let dropIns = "/etc/systemd/system/plain.service.d"
      let places = ["/etc/systemd/system", "/etc/plain", "/usr/local/bin"]
      let before = try await StatePicture(of: site, places)
      func interrupt() async throws {
        let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder])
        try await site.wait(for: "grep -q '\"start plain.service' /var/lib/qtctl/transaction.jsonl")
        try await site.sh("mkdir -p \(dropIns); echo '# mine' >> \(dropIns)/mine.conf")
        deploy.signal(SIGKILL)
        _ = try await deploy.output()
        let recovered = try await site.qtctl("recover")
        #expect(recovered.exit == 0 && recovered.outcome == .recovered, "\(recovered)")
      }
      try await PlainRelease.write("1", .slow, to: site)
      try await site.sh("echo 'Alias=simple.service' >> \(PlainRelease.folder)/plain.service")
      try await interrupt()
      #expect(try await site.sh("cat \(dropIns)/mine.conf") == "# mine\n")
      try await site.sh("rm -r \(dropIns)")
      let after = try await StatePicture(of: site, places)
      #expect(after == before, "\(after.differences(to: before))")

      try await PlainRelease.write("1", .good, to: site)
      try await site.sh("mkdir \(dropIns); echo '# mine' > \(dropIns)/mine.conf")
      _ = try await site.qtctl("deploy", PlainRelease.folder)
      try await site.sh("ln -s plain.service /etc/systemd/system/simple.service")
      try await PlainRelease.write("2", .slow, to: site)
      try await interrupt()
      #expect(try await PlainRelease.running(site) == "plain 1, active")
      #expect(try await site.sh("cat \(dropIns)/mine.conf") == "# mine\n# mine\n")
      #expect(try await site.sh("readlink /etc/systemd/system/simple.service") == "plain.service\n")
    }
  }
}
