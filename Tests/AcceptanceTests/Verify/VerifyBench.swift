import Glibc
import Rehearsal
import TestSupport
import Testing

/// `make bench-verify`: how long verify takes, beside the same checks written in sh, turn by turn on one machine.
@Suite("The speed of verify", .enabled(if: getenv("QTCTL_BENCH") != nil))
struct VerifyBench {
  @Test(.timeLimit(.minutes(10))) func besideTheSameChecksInSh() async throws {
    try await Site.with(name: "verify-bench") { site in
      try await TradingRelease(on: site).build(1, stable: "0s")
      let deploy = try await site.qtctl("deploy", folder: TradingRelease.folder)
      #expect(deploy.exit == 0, "\(deploy)")
      try await site.machine.write(Self.checks, to: "/root/checks.sh", mode: 0o755)
      try await site.machine.write(Self.proof, to: "/root/proof.sh", mode: 0o755)
      let text = try await site.sh("bash -c \"$(cat)\"", input: Self.turns, within: .seconds(500))
      var times: [String: [Double]] = [:]
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        guard words.count == 2, let microseconds = Double(words[1]) else { continue }
        times[String(words[0]), default: []].append(microseconds / 1000)
      }
      func median(_ name: String) -> Double {
        let sorted = times[name, default: []].sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
      }
      let (plain, proved) = (median("verify"), median("proved"))
      let (sh, shProved) = (median("sh"), median("sh-proved"))
      func line(_ name: String, _ own: Double, _ other: Double) -> String {
        "\(name): qtctl \(rounded(own)) ms, sh \(rounded(other)) ms, \(rounded(own / other)) x"
      }
      print(line("without window and probe", plain, sh))
      print(line("what the proof adds", proved - plain, shProved))
      #expect(times["verify"]?.count == Self.count && times["sh-proved"]?.count == Self.count)
    }
  }

  private func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }

  private static let count = 31

  private static let turns = """
    cd \(TradingRelease.folder)
    timed() { local name=$1 begin=$EPOCHREALTIME; shift
      "$@" > /root/last 2>&1 || { cat /root/last; exit 1; }
      echo "$name $((${EPOCHREALTIME/./} - ${begin/./}))"; }
    for _ in $(seq \(count)); do
      timed verify qtctl verify --no-probe --stable 0s
      timed sh /root/checks.sh
      timed proved qtctl verify --stable 0s
      timed sh-proved /root/proof.sh
    done
    """

  /// The checks of the shipped manifest as an operator would write them.
  private static let checks = #"""
    #!/bin/bash
    set -eu
    for unit in quantum-execution quantum-ai-strategy-router; do
      systemctl is-active -q "$unit"
      pid=$(systemctl show -P MainPID "$unit")
      cmp -s "/proc/$pid/exe" "/usr/local/bin/$unit"
    done
    sha256sum --quiet --check <<END
    $(cat /root/sums 2>/dev/null || sha256sum /usr/local/bin/quantum-* /etc/systemd/system/quantum-*.service | tee /root/sums)
    END
    redis-cli PING | grep -q PONG
    redis-cli INFO | tr -d '\r' | grep -qx aof_enabled:1
    [ "$(redis-cli CONFIG GET maxmemory-policy | tail -n 1)" = noeviction ]
    check() {
      redis-cli XINFO STREAM "$1" | grep -q length
      redis-cli XINFO GROUPS "$1" | grep -qx "$2"
      redis-cli XINFO CONSUMERS "$1" "$2" > /dev/null
      [ "$(redis-cli XPENDING "$1" "$2" | head -n 1)" -le 100 ]
      [ "$(redis-cli XINFO GROUPS "$1" | grep -A 12 -x "$2" | grep -A 1 -x lag | tail -n 1)" -le 1000 ]
    }
    check quantum:stream:ai.decision.made quantum:group:router:ai.decision.made
    check quantum:stream:trade.intent quantum:group:execution:trade.intent
    redis-cli XLEN quantum:stream:dead.letter > /dev/null

    """#

  /// The proof as an operator would write it: the same decision twice, another one once, then the intents and the log.
  private static let proof = #"""
    #!/bin/bash
    set -eu
    twin=sh-$EPOCHREALTIME control=sh-c-$EPOCHREALTIME
    from=$(redis-cli XINFO STREAM quantum:stream:trade.intent | grep -A 1 -x last-generated-id | tail -n 1)
    write() {
      redis-cli XADD quantum:stream:ai.decision.made '*' event_type ai.decision.made trace_id "$1" correlation_id c \
        timestamp "$2" source sh probe 1 payload "{\"symbol\":\"PROBEUSDT\",\"side\":\"buy\",\"confidence\":1,\
    \"entry_price\":1,\"quantity\":0,\"leverage\":1,\"stop_loss\":0,\"take_profit\":0,\"timestamp\":\"$2\",\"model\":\"probe\"}"
    }
    now=$(date -u +%FT%T.%6N)
    write "$twin" "$now" & write "$twin" "$now" & wait
    write "$control" "$(date -u +%FT%T.%6N)"
    lines() { journalctl -q -o cat -b -u "$1" "TRACE_ID=$2" | grep -c "$3" || true; }
    for _ in $(seq 50); do
      if [ "$(lines quantum-ai-strategy-router "$twin" DUPLICATE_SKIP)" = 1 ] &&
        [ "$(lines quantum-execution "$twin" 'TERMINAL STATE')" = 1 ] &&
        [ "$(lines quantum-execution "$control" 'TERMINAL STATE')" = 1 ]; then break; fi
      sleep 0.01
    done
    sleep 0.1 # one too many comes late
    intents=$(redis-cli XRANGE quantum:stream:trade.intent "($from" +)
    [ "$(grep -cx "$twin" <<< "$intents")" = 1 ] && [ "$(grep -cx "$control" <<< "$intents")" = 1 ]

    """#
}
