import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A proof by injected faults")
struct ProveTests {
  /// A way in which services break, and the row that finds it.
  private struct Case {
    var fault: SmallPipeline.Fault
    var row: String
    var subject = "gate.service"
    /// What the row says.
    var words: String
  }

  private static let cases = [
    Case(fault: .copies, row: "duplicate.sequential", words: "came out 2 times"),
    Case(fault: .races, row: "duplicate.concurrent", words: "came out 2 times"),
    Case(fault: .forgets, row: "duplicate.restart", words: "came out 2 times"),
    Case(fault: .endsTwice, row: "duplicate.downstream", subject: "desk.service", words: "ended 2 times"),
    Case(fault: .stale, row: "intent.stale", subject: "desk.service", words: "acted on: TERMINAL STATE: FILLED"),
    Case(fault: .dies, row: "input.broken", words: "must never end its reader"),
    Case(fault: .drops, row: "input.broken", subject: "desk.service", words: "vanished without a trace"),
    Case(fault: .loses, row: "service.killed", words: "did not come out"),
    Case(fault: .disconnected, row: "redis.restarted", subject: "redis", words: "25 of 25 are wrong"),
    Case(fault: .selfish, row: "consumer.silent", words: "did not come out"),
  ]

  @Test(
    "proves every row of services that are right, and fails with the right row where they break",
    .timeLimit(.minutes(4)))
  func findsEachBreakage() async throws {
    try await Site.with(name: "prove") { site in
      try await SmallPipeline.write(to: site)
      let deploy = try await site.qtctl("deploy", SmallPipeline.folder, "--no-verify")
      #expect(deploy.exit == 0, "\(deploy)")
      let outside = try await site.qtctl("prove", "--inject", "--name", "pipeline")
      #expect(outside.exit == 14 && outside.message.contains("in a throwaway machine only"), "\(outside)")
      try await site.machine.write("", to: "/run/qtctl-prove")

      let good = try await site.qtctl("prove", "--inject", "--name", "pipeline")
      #expect(good.exit == 0 && good.checks.allSatisfy { $0.status == .pass } && good.checks.count == 13, "\(good)")
      for item in Self.cases {
        try await SmallPipeline.start(item.fault, on: site)
        let found = try await site.qtctl(
          "prove", "--inject", "--name", "pipeline", "--row", item.row, "--subject", item.subject, "--takeover", "1s")
        let check = found.checks.first { $0.subject == item.subject }
        #expect(found.exit == 30 && check?.id == item.row && check?.status == .fail, "\(item): \(found)")
        #expect(check?.detail.contains(item.words) == true, "\(item): \(found)")
      }
      try await Self.live(site)
    }
  }

  /// Beside services in use only probes are written, and what would disturb is skipped.
  private static func live(_ site: Site) async throws {
    try await SmallPipeline.start(.none, on: site)
    let runs = "systemctl show -P InvocationID gate desk"
    let before = try await site.sh(runs)
    let good = try await site.qtctl("prove", "--live", "--name", "pipeline")
    let proved = good.checks.filter { $0.status == .pass }.map(\.id)
    #expect(good.exit == 0 && proved == ["flow.once", "duplicate.sequential", "duplicate.concurrent"], "\(good)")
    let others = good.checks.filter { $0.status != .pass }
    #expect(others.allSatisfy { $0.status == .skip && $0.detail.contains("without --live") }, "\(good)")
    #expect(try await site.sh(runs) == before)
    #expect(try await site.sh("journalctl -q -o cat --since -10s -u desk | grep -c FILLED || true") == "0\n")
    // Alive, and reads nothing: what says so is the plain case, and nothing else is tried.
    try await SmallPipeline.start(.silent, on: site)
    let bad = try await site.machine.run(["qtctl", "prove", "--live", "--name", "pipeline", "--junit", "/root/j.xml"])
    #expect(bad.status == .exited(30) && bad.stdout.contains("1 failed"), "\(bad.stdout)")
    #expect(bad.stdout.contains("flow.once             failed"), "\(bad.stdout)")
    #expect(bad.stdout.contains("not even one message comes through"), "\(bad.stdout)")
    #expect(try await site.sh("cat /root/j.xml").contains("<testsuite name=\"qtctl prove\""))
  }
}
