import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Services that are not ours")
struct ForeignServicesTests {
  @Test("are deployed, and come back by themselves from a bad configuration")
  func badConfigurationComesBack() async throws {
    try await Site.with(name: "web") { site in
      try await WebRelease.write(to: site)
      let first = try await site.qtctl("deploy", WebRelease.folder)
      #expect(first.exit == 0 && first.outcome == .deployed, "\(first)")
      #expect(try await WebRelease.answer(site) == "one\n")

      // Only what is replaced is worth a word.
      #expect(!first.message.contains("Debian package"), "\(first)")
      try await site.sh("echo '# ours' >> \(WebRelease.folder)/nginx.conf")
      let over = try await site.qtctl("deploy", WebRelease.folder)
      let word = "the Debian package nginx-common brings '/etc/nginx/nginx.conf' too"
      #expect(over.exit == 0 && (over.message + over.output.stderr).contains(word), "\(over)")

      let before = try await site.state(of: WebRelease.targets)
      let pid = try await site.sh("systemctl show -P MainPID redis-server")
      try await site.machine.write("server { listen nonsense; }\n", to: WebRelease.folder + "/site.conf")
      let bad = try await site.qtctl("deploy", WebRelease.folder)
      #expect(bad.exit == 20 && bad.outcome == .undone, "\(bad)")
      #expect(bad.message.contains("nginx.service"))
      #expect(try await site.state(of: WebRelease.targets) == before)
      #expect(try await WebRelease.answer(site) == "one\n")
      // Nothing of redis differed, so nothing of it was touched.
      #expect(try await site.sh("systemctl show -P MainPID redis-server") == pid)

      try await site.machine.write(WebRelease.site("two"), to: WebRelease.folder + "/site.conf")
      let second = try await site.qtctl("deploy", WebRelease.folder)
      #expect(second.exit == 0, "\(second)")
      #expect(try await WebRelease.answer(site) == "two\n")
      let back = try await site.qtctl("rollback")
      #expect(back.exit == 0 && back.outcome == .rolledBack, "\(back)")
      #expect(try await WebRelease.answer(site) == "one\n")
    }
  }
}
