import Rehearsal
import TestSupport
import Testing

/// Everything here works until `/run/adversary` exists. Then each way that a release can go meets it with what it does
/// about Redis, hooks, files, units and checks, and has to end all the same: whether well or badly is not the question.
@Suite("A deadline", .serialized)
struct DeadlineTests {
  @Test(
    "ends deploy, rollback, recover and the rollback watchdog, whatever they wait for",
    arguments: DeadlineRelease.Adversary.allCases)
  func ends(_ adversary: DeadlineRelease.Adversary) async throws {
    try await Site.with(name: "deadline-\(adversary)") { site in
      let release = DeadlineRelease(site, adversary)
      try await release.begin()
      try await release.write("1")
      try await release.must("deploy", DeadlineRelease.folder)

      try await release.write("2")
      try await release.meet()
      let forward = try await release.time(["deploy", DeadlineRelease.folder])
      #expect(forward < 60, "deploy: \(forward) s")
      try await release.part()
      try await release.must("deploy", DeadlineRelease.folder, "--again", "--accept-drift")

      try await release.meet()
      let back = try await release.time(["rollback", "--manifest", DeadlineRelease.folder])
      #expect(back < 35, "rollback, of which 20 s are its own deadline: \(back) s")
      try await release.part()

      for isWatched in [false, true] {
        try await release.write("1")
        try await release.must("deploy", DeadlineRelease.folder, "--again", "--accept-drift")
        try await release.write("2", start: "sleep 3")
        try await release.interrupt(isWatched: isWatched)
        let undone = isWatched ? try await release.waitForWatchdog() : try await release.time(["recover"])
        #expect(undone < 60, "\(isWatched ? "watchdog" : "recover"): \(undone) s")
        #expect(try await site.sh("ls /var/lib/qtctl/transaction.jsonl 2>/dev/null || true") == "")
        #expect(try await site.sh("sed -n 2p /usr/local/bin/plain") == "# 1\n")
        try await release.part()
        print("deadline, \(adversary): deploy \(forward) s, rollback \(back) s, undone in \(undone) s")
      }
      // Nothing is left that keeps the next deploy from its work.
      try await release.must("deploy", DeadlineRelease.folder, "--again", "--accept-drift")
      #expect(try await site.sh("cat /etc/plain.conf; systemctl is-active plain") == "version 2\nactive\n")
    }
  }
}
