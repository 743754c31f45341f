import Rehearsal
import TestSupport
import Testing

@Suite("A service that one entry crashes")
struct CrashingEntryTests {
  @Test("ends in that entry's dead letter and not in a start limit, and the other entries are routed")
  func deadLetter() async throws {
    try await Site.with(name: "crash") { site in
      let release = TradingRelease(on: site)
      try await release.build(1, stable: "0s")
      let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(deploy.exit == 0, "\(deploy)")
      // An entry as large as one may be, in a service with less memory than it takes: the kernel kills it each time.
      try await site.sh(
        """
        unit=\(TradingRelease.router).service
        systemctl stop $unit
        mkdir -p /etc/systemd/system/$unit.d
        printf '[Service]\\nMemoryMax=60M\\nMemorySwapMax=0\\n' > /etc/systemd/system/$unit.d/memory.conf
        systemctl daemon-reload
        now=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
        payload='{"symbol":"BTCUSDT","side":"buy","confidence":1,"entry_price":1,"quantity":10,"leverage":1,'
        payload="$payload\\"stop_loss\\":0,\\"take_profit\\":0,\\"timestamp\\":\\"$now\\",\\"model\\":\\"m\\"}"
        add() {
          redis-cli -x XADD quantum:stream:ai.decision.made '*' event_type ai.decision.made payload "$payload" \\
            trace_id "$1" timestamp "$now" source test correlation_id
        }
        before=$(redis-cli XLEN quantum:stream:trade.intent)
        head -c 14000000 /dev/zero | tr '\\0' x | add crash-large
        printf c | add crash-after
        systemctl start --no-block $unit
        """)
      try await site.wait(for: "redis-cli XRANGE quantum:stream:dead.letter - + | grep -q poison", within: .seconds(90))
      try await site.wait(
        for: "redis-cli XRANGE quantum:stream:trade.intent - + | grep -q crash-after", within: .seconds(30))
      let state = try await site.sh(
        "systemctl show -P ActiveState \(TradingRelease.router); systemctl show -P NRestarts \(TradingRelease.router)")
      let words = state.split(separator: "\n").map(String.init)
      #expect(words.first == "active")
      #expect(Int(words.last ?? "") ?? 0 >= 5, "\(words)")
      // The dead letter has the beginning of each value.
      let length = try await site.sh("redis-cli XRANGE quantum:stream:dead.letter - + | wc -c")
      #expect(Int(length.filter(\.isNumber)) ?? 0 < 200_000)
    }
  }
}
