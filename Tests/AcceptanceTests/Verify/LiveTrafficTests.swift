import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("While a thousand decisions a second flow")
struct LiveTrafficTests {
  @Test("verify gives no false alarm, and a deploy passes, with what piled up while the services were down")
  func noFalseAlarm() async throws {
    try await Site.with(name: "traffic") { site in
      let release = TradingRelease(on: site)
      try await release.build(1, stable: "0s")
      let first = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(first.exit == 0, "\(first)")
      _ = try await Outsider(on: site)
      // The outsider only writes here; a group that it does not read would be left behind.
      try await site.sh("redis-cli XGROUP DESTROY quantum:stream:trade.intent observer")
      let feed = try await site.machine.spawn(Outsider.publish(run: "flow", count: 1_000_000, rate: 1000))
      try await site.wait(for: "[ \"$(redis-cli XLEN quantum:stream:ai.decision.made)\" -gt 1000 ]")
      for _ in 0..<5 {
        let verify = try await site.qtctl("verify", "--stable", "500ms", folder: TradingRelease.folder)
        #expect(verify.exit == 0 && verify.checks.allSatisfy { $0.status == .pass }, "\(verify)")
      }
      try await release.build(2, stable: "3s")
      let second = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(second.exit == 0, "\(second)")
      let flown = try await site.sh("redis-cli XLEN quantum:stream:ai.decision.made")
      print("decisions beside five verifies and a deploy: \(flown)")
      feed.kill()
      _ = try await feed.output()
    }
  }
}
