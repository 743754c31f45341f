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

  @Test("ends in the dead letter of the one entry that crashes it, and the other entries are dealt with")
  func deadLetter() async throws {
    try await Site.with(name: "crash") { site in
      try await Self.deploy(on: site)
      let unit = TradingRelease.execution + ".service"
      try await site.machine.write(Self.venue, to: "/root/venue.py")
      try await site.sh(
        """
        systemctl stop \(unit)
        systemd-run --quiet --unit=venue python3 /root/venue.py \(unit)
        mkdir -p /etc/systemd/system/\(unit).d
        printf 'QUANTUM_EXCHANGE=venue\\nQUANTUM_ORDER_WINDOW=200ms\\n' > /etc/quantum/venue.env
        printf '[Service]\\nEnvironmentFile=/etc/quantum/venue.env\\n' > /etc/systemd/system/\(unit).d/venue.conf
        systemctl daemon-reload
        now=$(date -u +%Y-%m-%dT%H:%M:%S)
        add() {
          redis-cli XADD quantum:stream:trade.intent '*' trace_id "$1" symbol BTCUSDT action BUY \\
            position_size_usd 100 entry_price 50000 timestamp "$now.$2"
        }
        add crash 1; add after 2
        systemctl start --no-block \(unit)
        """)
      try await site.wait(for: "redis-cli XRANGE quantum:stream:dead.letter - + | grep -q poison", within: .seconds(90))
      try await site.wait(
        for: "redis-cli XRANGE quantum:stream:execution.result - + | grep -qx after", within: .seconds(30))
      try await site.wait(for: "systemctl is-active -q \(unit)", within: .seconds(10))
      // It was delivered five times.
      let restarts = try await site.sh("systemctl show -P NRestarts \(unit)")
      #expect(restarts == "5\n")
      let log = try await site.sh("journalctl -u \(unit) -o cat --no-pager")
      for seconds in [1, 2] { #expect(log.contains("without progress: waiting \(seconds) s"), "\(log)") }
      #expect(
        log.contains("DEAD LETTER") && log.contains("TERMINAL STATE: FILLED | BTCUSDT BUY | trace_id=after"), "\(log)")
      let ends = try await site.sh("redis-cli XRANGE quantum:stream:execution.result - + | grep -cx crash || true")
      #expect(ends == "0\n")
    }
  }

  /// A venue that fills every order, but for that of the trace `crash`: whoever names it is killed.
  private static let venue = """
    import hashlib, os, socket, subprocess, sys, time
    doomed = "qt-" + hashlib.sha256(b"crash").hexdigest()[:32]
    os.makedirs("/run/quantum-venue", exist_ok=True)
    server = socket.socket(socket.AF_UNIX)
    server.bind("/run/quantum-venue/venue.sock")
    os.chmod("/run/quantum-venue/venue.sock", 0o777)
    server.listen(5)
    while True:
        connection, _ = server.accept()
        lines = connection.makefile("rw")
        try:
            for line in lines:
                words = line.split()
                if doomed in words:
                    subprocess.run(["systemctl", "kill", "--signal=KILL", "--kill-whom=main", sys.argv[1]])
                    break
                answer = "NONE %d" % (time.time() * 1000)
                if words[1] == "ORDER":
                    answer = "FILLED v1 %g %s 0.1" % (float(words[6]) / float(words[7]), words[7])
                lines.write(words[0] + " " + answer + "\\n")
                lines.flush()
        except OSError:
            pass
        connection.close()

    """

  private static let log = "journalctl -u \(unit) -o cat --no-pager"

  private static func deploy(on site: Site) async throws {
    let release = TradingRelease(on: site)
    try await release.build(1, stable: "0s")
    let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
    #expect(deploy.exit == 0, "\(deploy)")
  }
}
