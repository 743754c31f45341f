import Deployment
import Rehearsal
import TestSupport
import Testing

/// What went wrong once, as releases: systemd calls each of them active.
@Suite("An incident of before")
struct IncidentTests {
  struct Incident: Sendable {
    let name: String
    let router: OtherRouter
    /// The checks that say so, in the message of the deploy.
    let checks: [String]
    /// The checks that stayed green.
    let green: [String]
  }

  static let incidents = [
    Incident(
      name: "the router stops right after the first proof", router: .onlyAtFirst,
      checks: ["dedup.skipped", "dedup.control"], green: ["unit.active", "unit.stable", "http"]),
    Incident(
      name: "the consumer's task dies on the first message and the page of health is green", router: .dyingInside,
      checks: ["dedup.skipped", "dedup.control"], green: ["unit.active", "http"]),
    Incident(
      name: "the key is set twice: all is acknowledged, nothing published, success logged", router: .keyedTwice,
      checks: ["dedup.skipped", "dedup.control"], green: ["unit.active", "http", "group.lag", "group.pending"]),
    Incident(
      name: "what can be read is buried", router: .burying, checks: ["dead.letters"], green: ["unit.active", "http"]),
  ]

  @Test("comes back by itself when it is deployed", .timeLimit(.minutes(3)))
  func deployed() async throws {
    try await Site.with(name: "incidents") { site in
      let release = TradingRelease(on: site)
      try await release.build(1, stable: "1s")
      let first = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(first.exit == 0, "\(first)")
      let before = try await site.state(of: TradingRelease.targets)
      for incident in Self.incidents {
        try await release.build(2, stable: "1s")
        try await release.replace(TradingRelease.router, with: incident.router.script)
        try await site.sh(
          """
          sed -i -e 's/within: 5s/within: 2s/' -e 's/^verify:/verify:\\n  http: [{url: "http:\\/\\/127.0.0.1:8097\\/"}]/' \
            \(TradingRelease.manifest)
          """)
        let run = try await site.qtctl("deploy", folder: TradingRelease.folder)
        #expect(run.exit == 20 && run.outcome == .undone, "\(incident.name): \(run)")
        for check in incident.checks { #expect(run.message.contains(check), "\(incident.name): \(run)") }
        for check in incident.green { #expect(!run.message.contains("\(check) "), "\(incident.name): \(run.message)") }
        #expect(try await site.state(of: TradingRelease.targets) == before, "\(incident.name)")
      }
    }
  }

  @Test("that was there before a deploy is not laid to its charge, and verify alone says it", .timeLimit(.minutes(2)))
  func baseline() async throws {
    try await Site.with(name: "baseline") { site in
      let release = TradingRelease(on: site)
      try await release.build(1, stable: "1s")
      let first = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(first.exit == 0, "\(first)")
      try await site.sh(Self.producer)
      let growing = try await site.qtctl("verify", folder: TradingRelease.folder)
      #expect(growing.exit == 30 && growing.checks.failures.map(\.id) == ["dead.letters"], "\(growing)")
      try await site.sh(Self.loss)
      let verify = try await site.qtctl("verify", folder: TradingRelease.folder)
      // The producer goes on: whether it buries another one in the window, which the loss cuts short, is chance.
      let failures = Set(verify.checks.failures.map(\.id)).subtracting(["dead.letters"])
      #expect(verify.exit == 30 && failures == ["stream.intact"], "\(verify)")

      try await release.build(2, stable: "1s")
      let second = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(second.exit == 0 && second.outcome == .deployed, "\(second)")
      let warnings = second.checks.filter { $0.status == .warn }
      #expect(Set(warnings.map(\.id)) == ["dead.letters", "stream.intact"], "\(second)")

      // An interrupted deploy left the baseline in its journal, for the recovery.
      try await release.build(3, stable: "1s")
      let killed = try await site.machine.spawn(["qtctl", "deploy"], workingDirectory: TradingRelease.folder)
      try await site.wait(for: "grep -q 'start \(TradingRelease.execution)' /var/lib/qtctl/transaction.jsonl")
      killed.kill()
      _ = try await killed.output()
      let recovered = try await site.qtctl("recover", folder: TradingRelease.folder)
      #expect(recovered.exit == 0, "\(recovered)")
      #expect(recovered.checks.contains { $0.id == "stream.intact" && $0.status == .warn }, "\(recovered)")

      // Now more is lost while the services are down: that is this deploy's.
      try await release.replace(TradingRelease.execution, with: Self.trimmingFirst)
      let third = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(third.message.contains("stream.intact"), "\(third)")
      // What is lost stays lost, and no rollback reports a health that it has not seen.
      #expect(third.exit == 21, "\(third)")
      let back = try await site.qtctl("verify", "--stable", "0s", folder: TradingRelease.folder)
      #expect(back.checks.failures.map(\.id) == ["stream.intact"], "\(back)")
    }
  }

  /// A producer writes what nobody can read, on and on.
  private static let producer = """
    systemd-run -q --unit producer sh -c \
      "while redis-cli XADD quantum:stream:ai.decision.made '*' the other; do sleep 0.2; done"
    sleep 1
    """

  /// Entries are trimmed before they are delivered.
  private static let loss = """
    systemctl kill -s STOP \(TradingRelease.execution)
    for number in 1 2 3 4 5; do
      redis-cli XADD quantum:stream:trade.intent '*' only $number
    done
    redis-cli XTRIM quantum:stream:trade.intent MAXLEN 0
    systemctl kill -s CONT \(TradingRelease.execution)
    """

  /// An execution that trims what nobody has read, and ends.
  private static let trimmingFirst = """
    #!/bin/sh
    redis-cli XADD quantum:stream:trade.intent '*' lost 1 > /dev/null
    redis-cli XTRIM quantum:stream:trade.intent MAXLEN 0 > /dev/null
    exit 1
    """
}
