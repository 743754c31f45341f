import Rehearsal
import TestSupport
import Testing

@Suite("A service that is killed at every start")
struct CrashLoopTests {
  @Test("waits longer each time, never runs into a start limit, and works as soon as it is left alone")
  func backsOff() async throws {
    try await Site.with(name: "loop") { site in
      let release = TradingRelease(on: site)
      try await release.build(1, stable: "0s")
      let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(deploy.exit == 0, "\(deploy)")
      // Without Redis it makes no progress. Masked, since the unit wants it.
      try await site.sh("systemctl mask --runtime --now redis-server")
      let begun = """
        systemctl show -P StatusText \(TradingRelease.router) | grep -q '^waiting for Redis' && \
        [ "$(systemctl show -P MainPID \(TradingRelease.router))" != 0 ]
        """
      for _ in 0..<6 {
        try await site.wait(for: begun, within: .seconds(60))
        try await site.sh("kill -9 $(systemctl show -P MainPID \(TradingRelease.router)); sleep 0.3")
      }
      let log = try await site.sh("journalctl -u \(TradingRelease.router) -o cat --no-pager")
      for (starts, seconds) in [(2, 1), (3, 2), (4, 4), (5, 8)] {
        #expect(log.contains("\(starts) starts in a row ended without progress: waiting \(seconds) s"), "\(log)")
      }
      try await site.sh("systemctl unmask --runtime redis-server; systemctl start redis-server")
      try await site.wait(for: "systemctl is-active -q \(TradingRelease.router)", within: .seconds(60))
      let restarts = try await site.sh("systemctl show -P NRestarts \(TradingRelease.router)")
      #expect(Int(restarts.filter(\.isNumber)) == 6)
    }
  }
}
