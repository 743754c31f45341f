import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Drift, and what differs from a backup")
struct DriftTests {
  @Test("is refused with its diff, secrets masked; accepted, it is backed up and can be brought back")
  func drift() async throws {
    try await Site.with(name: "drift") { site in
      try await SecretiveRelease.write("1", .good, to: site)
      let first = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(first.exit == 0, "\(first)")
      try await site.sh(
        "echo 'version 1, by hand' > \(SecretiveRelease.conf); chmod 0700 /usr/local/bin/plain; "
          + "echo hunter2-by-hand > \(SecretiveRelease.secret)")
      let drifted = try await PlainRelease.everything(site)
      try await SecretiveRelease.write("2", .good, to: site)
      for extra in [[], ["--dry-run"]] {
        let refused = try await site.qtctl(["deploy", PlainRelease.folder] + extra)
        #expect(refused.exit == 13 && refused.message.contains("--accept-drift"), "\(refused)")
        for word in ["\"-version 1\"", "\"+version 1, by hand\"", "mode 0755 → 0700", "secret, not shown"] {
          #expect(refused.output.stdout.contains(word), "\(word) is not in \(refused.output.stdout)")
        }
        #expect(!(refused.output.stdout + refused.output.stderr).contains(SecretiveRelease.word))
      }
      let text = try await site.machine.run(["qtctl", "deploy", PlainRelease.folder])
      #expect(text.stdout.isEmpty && text.stderr.contains("  -version 1\n  +version 1, by hand\n"), "\(text.stderr)")
      #expect(try await PlainRelease.everything(site) == drifted)

      let accepted = try await site.qtctl("deploy", PlainRelease.folder, "--accept-drift")
      #expect(accepted.exit == 0, "\(accepted)")
      let stamp = try #require(accepted.stamp)
      let kept = "cat \(PlainRelease.store)/\(stamp)/files\(SecretiveRelease.conf)"
      #expect(try await site.sh(kept) == "version 1, by hand\n")
      try await Self.compare(with: stamp, on: site)
      let back = try await site.qtctl("rollback", stamp)
      #expect(back.exit == 0, "\(back)")
      #expect(
        try await site.state(of: PlainRelease.targets) == drifted.filter { PlainRelease.targets.contains($0.key) })
      let same = try await site.qtctl("backups", "diff", stamp)
      #expect(same.exit == 0 && same.outcome == .unchanged, "\(same)")
    }
  }

  /// What `backups diff` says after the deploy of 2 over a drifted 1.
  private static func compare(with stamp: String, on site: Site) async throws {
    try await site.sh("systemctl stop plain.service; systemctl -q disable plain.service")
    let text = try await site.machine.run(["qtctl", "backups", "diff", stamp])
    #expect(text.succeeded)
    let expected = [
      "  -version 1, by hand\n  +version 2\n", "\(SecretiveRelease.secret): content differs (secret, not shown)\n",
      "  -Description=plain 1\n  +Description=plain 2\n",
      "plain.service: running → inactive, enabled → disabled\n", "to the host: files that differ: 5, units: 1",
    ]
    for words in expected { #expect(text.stdout.contains(words), "\(words) is not in \(text.stdout)") }
    #expect(!text.stdout.contains(SecretiveRelease.word))
    let first = try await site.sh("ls \(PlainRelease.store) | head -n 1").replacing("\n", with: "")
    let both = try await site.qtctl("backups", "diff", first, stamp)
    #expect(both.exit == 0 && both.outcome == .differs && both.output.stdout.contains("absent → file"), "\(both)")
    let gone = try await site.qtctl("backups", "diff", "20200101_000000")
    #expect(gone.exit == 10, "\(gone)")
    try await site.sh("systemctl -q enable --now plain.service")
  }
}
