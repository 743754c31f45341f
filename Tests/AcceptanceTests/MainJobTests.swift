import Rehearsal
import TestSupport
import Testing

@Suite("The main job")
struct MainJobTests {
  @Test("runs from the first install to the rollback as the demo shows it", .timeLimit(.minutes(3)))
  func scenario() async throws {
    try await Site.with(name: "main-job") { site in
      try await Scenario(site: site, tell: { _, step in _ = try await step() }).play()
    }
  }

  @Test("handles what the existing producer writes: no trace_id, a new correlation_id each time")
  func existingProducer() async throws {
    try await Site.with(name: "producer") { site in
      try await TradingRelease(on: site).build(1, stable: "0s")
      let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(deploy.exit == 0, "\(deploy)")
      let outsider = try await Outsider(on: site)
      try await site.run(Outsider.publish(run: "old", count: 50, repeats: 20, anonymous: true))
      let tally = try await outsider.tally(run: "-", expecting: 50)
      #expect(tally.once == 50 && tally.more == 0, "\(tally)")
      let log = "journalctl -q -o cat -u \(TradingRelease.router) | grep -c '^DUPLICATE_SKIP trace_id=[^p]'"
      #expect(try await site.sh(log) == "20\n")
    }
  }

  @Test("takes a decision that redis-cli writes, and buries what cannot be read, with the reason, and goes on")
  func byHand() async throws {
    try await Site.with(name: "by-hand") { site in
      try await TradingRelease(on: site).build(1, stable: "0s")
      let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(deploy.exit == 0, "\(deploy)")
      let outsider = try await Outsider(on: site)
      try await site.sh("redis-cli", input: Self.entries.joined(separator: "\n") + "\n")
      try await site.run(Outsider.publish(run: "after", count: 10))
      let tally = try await outsider.tally(run: "after", expecting: 10)
      #expect(tally.once == 10 && tally.more == 0, "\(tally)")
      let dead = try await site.sh("redis-cli --raw XRANGE quantum:stream:dead.letter - +")
      for word in ["payload", "symbol", "event_type"] { #expect(dead.contains(word), "\(word) in \(dead)") }
      #expect(try await site.sh("redis-cli XLEN quantum:stream:dead.letter") == "\(Self.entries.count)\n")
      let verify = try await site.qtctl("verify", "--stable", "0s", folder: TradingRelease.folder)
      #expect(verify.exit == 0, "\(verify)")
    }
  }

  /// What no reader of the contract can make sense of: no JSON, a field missing in the payload, fields missing around it.
  private static let entries = [
    #"XADD quantum:stream:ai.decision.made * event_type ai.decision.made payload "{broken" trace_id bad-1 correlation_id c timestamp 2026-01-31T00:00:00Z source x"#,
    #"XADD quantum:stream:ai.decision.made * event_type ai.decision.made payload "{\"side\":\"buy\"}" trace_id bad-2 correlation_id c timestamp 2026-01-31T00:00:00Z source x"#,
    "XADD quantum:stream:ai.decision.made * only this",
  ]

  @Test("the shipped units are closed: systemd rates their exposure below 1.0")
  func hardened() async throws {
    try await Site.with(name: "hardened") { site in
      for name in [TradingRelease.execution, TradingRelease.router] {
        try await site.machine.copyIn(
          "\(Checkout.root)/units/\(name).service", to: "/etc/systemd/system/\(name).service")
        try await site.sh("systemctl daemon-reload; systemd-analyze security --threshold=9 \(name).service")
      }
    }
  }

  @Test("a release binary runs where there is no Swift and no libhiredis")
  func standsAlone() async throws {
    try await Site.with(name: "alone") { site in
      for name in ["qtctl", TradingRelease.execution, TradingRelease.router] {
        try await site.machine.copyIn(Checkout.program(name), to: "/root/bin/\(name)", mode: 0o755)
        let libraries = try await site.sh("ldd /root/bin/\(name)")
        #expect(!libraries.contains("hiredis") && !libraries.contains("swift") && !libraries.contains("not found"))
        #expect(try await site.sh("/root/bin/\(name) --version").contains("1.0.0"))
      }
    }
  }
}
