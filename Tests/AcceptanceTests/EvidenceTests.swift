import Rehearsal
import TestSupport
import Testing

@Suite("A release that failed")
struct EvidenceTests {
  private static let folder = "/var/lib/qtctl/evidence"

  @Test("leaves its journal, checks and changes as evidence, and is refused until it is tried again and works")
  func quarantine() async throws {
    try await Site.with(name: "evidence") { site in
      try await SecretiveRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s")
      // As many as are kept, and what a death has left.
      try await site.sh(
        "for n in 0 1 2 3 4 5 6 7 8 9; do mkdir -p \(Self.folder)/20200101_00000$n; done; "
          + "mkdir \(Self.folder)/.20200101_000010.unfinished")
      try await SecretiveRelease.write("2", .needsPermission, to: site)
      let failed = try await site.qtctl("deploy", PlainRelease.folder)
      let stamp = try #require(failed.stamp)
      #expect(failed.exit == 20 && failed.message.contains("\(Self.folder)/\(stamp)"), "\(failed)")
      try await Self.look(at: stamp, on: site)
      try await Self.report(stamp, on: site)
      let held = try await site.sh("ls -A \(Self.folder)").split(separator: "\n")
      #expect(held.count == 10 && held.first == "20200101_000001", "\(held)")

      let before = try await PlainRelease.everything(site)
      for extra in [[], ["--dry-run"]] {
        let refused = try await site.qtctl(["deploy", PlainRelease.folder] + extra)
        #expect(refused.exit == 14, "\(refused)")
        for word in ["did not become ready", "\(Self.folder)/\(stamp)", "--again"] {
          #expect(refused.message.contains(word), "\(word) is not in: \(refused.message)")
        }
      }
      #expect(try await PlainRelease.everything(site) == before)
      let again = try await site.qtctl("deploy", PlainRelease.folder, "--again")
      #expect(again.exit == 20, "\(again)")
      let history = try await site.machine.run(["qtctl", "history"])
      #expect(history.stdout.contains("undone (content)"), "\(history.stdout)")
      #expect(try await site.qtctl("deploy", PlainRelease.folder).exit == 14)

      try await site.sh("touch /etc/allowed")
      let lifted = try await site.qtctl("deploy", PlainRelease.folder, "--again", "--stable", "0s")
      #expect(lifted.exit == 0, "\(lifted)")
      let back = try await site.qtctl("rollback")
      let left = try await site.sh("cat \(Self.folder)/\(try #require(back.stamp))/journal.txt")
      #expect(back.exit == 0 && left.contains("Started plain.service - plain 2."), "\(back) \(left)")
      #expect(try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s").exit == 0)
    }
  }

  @Test("a check leaves the check that failed, also where nothing is rolled back")
  func checks() async throws {
    try await Site.with(name: "evidence-check") { site in
      try await SecretiveRelease.write("1", .good, to: site)
      _ = try await site.qtctl("deploy", PlainRelease.folder, "--stable", "0s")
      try await SecretiveRelease.write("2", .failsCheck, to: site)
      let failed = try await site.qtctl("deploy", PlainRelease.folder)
      #expect(failed.exit == 20, "\(failed)")
      let left = try await site.qtctl("deploy", PlainRelease.folder, "--again", "--no-rollback")
      #expect(left.exit == 21, "\(left)")
      for run in [failed, left] {
        let folder = "\(Self.folder)/\(try #require(run.stamp))"
        #expect(run.message.contains(folder), "\(run.message)")
        let fails = "grep -A 8 '\"id\" : \"command\"' \(folder)/checks.json | grep -c '\"status\" : \"fail\"'"
        #expect(try await site.sh(fails) == "1\n")
        #expect(try await site.sh("grep -c '\"fault\" : \"content\"' \(folder)/evidence.json") == "1\n")
      }
    }
  }

  /// The page of that deploy: what happened is in it, what is secret is not, and it takes no other file's place.
  private static func report(_ stamp: String, on site: Site) async throws {
    let written = try await site.qtctl("report", stamp, "--html", "/tmp/page.html")
    #expect(written.exit == 0 && written.message.contains("/tmp/page.html"), "\(written)")
    let page = try await site.sh("stat -c %a /tmp/page.html; cat /tmp/page.html")
    for words in [
      "600\n<!DOCTYPE html>", "Failed and undone", "exit 20", "✗ start plain.service", "+version 2",
      "secret, not shown", "not allowed to start here",
    ] { #expect(page.contains(words), "\(words) is not in: \(page)") }
    #expect(!page.contains(SecretiveRelease.word))
    // The last transaction, over the page of an earlier call; but over nothing else.
    #expect(try await site.qtctl("report", "--html", "/tmp/page.html").stamp == stamp)
    try await site.sh("ln -s /etc/shadow /tmp/link.html")
    for file in ["/etc/hostname", "/tmp/link.html"] {
      #expect(try await site.qtctl("report", "--html", file).exit == 14)
    }
    // Of a deploy that succeeded, the changes come from its backup and the log from the journal.
    let first = try #require(try await site.sh("ls /var/backups/qtctl").split(separator: "\n").first)
    #expect(try await site.qtctl("report", String(first), "--html", "/root/first.html").exit == 0)
    let success = try await site.sh("cat /root/first.html")
    for words in ["Deployed and verified", "+version 1", "Started plain.service - plain 1.", "qtctl rollback \(first)"]
    {
      #expect(success.contains(words), "\(words) is not in: \(success)")
    }
    #expect(!success.contains(SecretiveRelease.word))
  }

  /// The evidence of the release that needs a permission.
  private static func look(at stamp: String, on site: Site) async throws {
    let folder = "\(Self.folder)/\(stamp)"
    #expect(try await site.sh("stat -c %a \(folder) \(folder)/journal.txt") == "700\n600\n")
    let journal = try await site.sh("cat \(folder)/journal.txt")
    #expect(journal.contains("not allowed to start here") && journal.contains("Failed to start plain.service"))
    // Only since the transaction began.
    #expect(!journal.contains("Started plain.service - plain 1."), "\(journal)")
    let diff = try await site.sh("cat \(folder)/diff.txt")
    #expect(diff.contains("  -version 1\n  +version 2\n") && diff.contains("secret, not shown"), "\(diff)")
    #expect(try await site.sh("grep -rl \(SecretiveRelease.word) \(folder) || true") == "")
    let record = try await site.sh("cat \(folder)/evidence.json")
    for words in ["\"result\" : \"exit-code\"", "\"mainStatus\" : 3", "\"fault\" : \"content\"", "\"version\" : \"2\""]
    {
      #expect(record.contains(words), "\(words) is not in \(record)")
    }
  }
}
