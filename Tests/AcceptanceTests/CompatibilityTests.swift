import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Records of an earlier version")
struct CompatibilityTests {
  /// Backups, history and the journal of an interrupted deploy, in place as if that version had been here.
  private static func place(_ fixture: String, on site: Site) async throws {
    let archive = "/root/fixture.tar.gz"
    try await site.machine.copyIn(Checkout.root + "/Tests/Fixtures/" + fixture, to: archive, mode: 0o600)
    try await site.sh("tar -C / -xzf \(archive); systemctl daemon-reload")
  }

  @Test("are read, and its interrupted deploy is undone", arguments: ["state-of-2bad326.tar.gz"])
  func recovered(_ fixture: String) async throws {
    try await Site.with(name: "shape-compat") { site in
      try await Self.place(fixture, on: site)
      #expect(try await site.sh("cat /etc/plain/plain.conf") == "version 4\n")
      let history = try await site.machine.run(["qtctl", "history"])
      #expect(history.succeeded && history.stdout.split(separator: "\n").count == 5, "\(history.stdout)")
      for words in [" plain ", "undone (content)", "backed up"] { #expect(history.stdout.contains(words)) }
      let check = try await site.qtctl("backups", "check")
      #expect(check.exit == 0 && check.checks.count == 5, "\(check)")

      let recovered = try await site.qtctl("recover")
      #expect(recovered.exit == 0, "\(recovered)")
      #expect(try await PlainRelease.running(site) == "plain 2, active")
      #expect(try await site.sh("cat /etc/plain/plain.conf") == "version 2\n")
      #expect(try await site.sh("ls /var/lib/qtctl").contains("transaction.jsonl") == false)

      let back = try await site.qtctl("rollback", "20261126_020517")
      #expect(back.exit == 0 && back.outcome == .rolledBack, "\(back)")
      #expect(try await PlainRelease.running(site) == "plain 1, active")
    }
  }
}
