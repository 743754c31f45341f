import Rehearsal
import TestSupport
import Testing

@Suite("A service that crashes again and again")
struct CrashLoopTests {
  private static let unit = TradingRelease.router + ".service"

  @Test("waits longer before each start, up to half a minute, and never runs into a start limit")
  func backsOff() async throws {
    try await Site.with(name: "loop") { site in
      try await Self.deploy(on: site)
      // The kill comes as soon as there is a process: no start makes progress. Two starts do not wait; what the deploy
      // has counted so far is one start or none.
      let kills = 10
      for number in 1...kills {
        try await site.sh("systemctl kill --signal=KILL --kill-whom=main \(Self.unit)")
        try await site.wait(for: "[ $(systemctl show -P NRestarts \(Self.unit)) -ge \(number) ]", within: .seconds(20))
        try await site.wait(
          for: "[ $(systemctl show -P MainPID \(Self.unit)) != 0 ] && "
            + "[ $(\(Self.log) | grep -c ' starts$') -gt \(number) ]", within: .seconds(20))
        // Where it waits it has counted this start.
        try await site.wait(
          for: "[ $(\(Self.log) | grep -c 'waiting [0-9]* s') -ge \(number - 2) ]", within: .seconds(20))
      }
      let waits = try await site.sh(
        "\(Self.log) | sed -n 's/.*starts in a row ended without progress: waiting \\([0-9]*\\) s$/\\1/p'"
      )
      .split(separator: "\n").compactMap { Int($0) }
      #expect(waits.starts(with: [1, 2, 4, 8, 16, 30, 30]), "\(waits)")
      #expect((kills - 2...kills).contains(waits.count), "\(waits)")
      let state = try await site.sh("systemctl show -P ActiveState -P Result -P NRestarts \(Self.unit)")
      #expect(!state.contains("failed") && !state.contains("start-limit-hit"), "\(state)")
      // A restart by hand is no crash: it does not wait, and what follows is counted from the beginning.
      try await site.sh("systemctl restart \(Self.unit)")
      try await site.wait(
        for: "systemctl show -P StatusText \(Self.unit) | grep -q 'reading new'", within: .seconds(10))
      let more = try await site.sh("\(Self.log) | grep -c 'waiting [0-9]* s'")
      #expect(Int(more.filter(\.isNumber)) == waits.count)
    }
  }

  @Test("ends in the dead letter of the one entry that crashes it, and the other entries are routed")
  func deadLetter() async throws {
    try await Site.with(name: "crash") { site in
      try await Self.deploy(on: site)
      // An entry as large as one may be, in a service with less memory than it takes: the kernel kills it each time.
      try await site.sh(
        """
        systemctl stop \(Self.unit)
        mkdir -p /etc/systemd/system/\(Self.unit).d
        printf '[Service]\\nMemoryMax=40M\\nMemorySwapMax=0\\n' > /etc/systemd/system/\(Self.unit).d/memory.conf
        systemctl daemon-reload
        now=$(date -u +%Y-%m-%dT%H:%M:%S.%NZ)
        payload='{"symbol":"BTCUSDT","side":"buy","confidence":1,"entry_price":100,"quantity":10,"leverage":1,'
        payload="$payload\\"stop_loss\\":0,\\"take_profit\\":0,\\"timestamp\\":\\"$now\\",\\"model\\":\\"m\\"}"
        add() {
          redis-cli -x XADD quantum:stream:ai.decision.made '*' event_type ai.decision.made payload "$payload" \\
            trace_id "$1" timestamp "$now" source test correlation_id
        }
        head -c 14000000 /dev/zero | tr '\\0' x | add crash-large
        printf c | add crash-after
        systemctl start --no-block \(Self.unit)
        """)
      try await site.wait(for: "redis-cli XRANGE quantum:stream:dead.letter - + | grep -q poison", within: .seconds(90))
      try await site.wait(
        for: "redis-cli XRANGE quantum:stream:trade.intent - + | grep -q crash-after", within: .seconds(30))
      try await site.wait(for: "systemctl is-active -q \(Self.unit)", within: .seconds(10))
      let restarts = try await site.sh("systemctl show -P NRestarts \(Self.unit)")
      // Five deliveries; the first one is with others, in a batch.
      #expect((4...7).contains(Int(restarts.filter(\.isNumber)) ?? 0), "\(restarts)")
      let log = try await site.sh(Self.log)
      #expect(log.contains("starts in a row ended without progress: waiting 1 s"), "\(log)")
      // The dead letter has the beginning of each value.
      let length = try await site.sh("redis-cli XRANGE quantum:stream:dead.letter - + | wc -c")
      #expect(Int(length.filter(\.isNumber)) ?? 0 < 200_000)
    }
  }

  private static let log = "journalctl -u \(unit) -o cat --no-pager"

  private static func deploy(on site: Site) async throws {
    let release = TradingRelease(on: site)
    try await release.build(1, stable: "0s")
    let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
    #expect(deploy.exit == 0, "\(deploy)")
  }
}
