import Measurement
import TestSupport

/// A verification of the trading services, and what its probe adds.
struct ProbeRow: Row {
  let id = "verify-probe"
  let title = "Verify of the trading services, and the probe"
  let how = """
    `qtctl verify --stable 0s` of the two trading services with their Redis, without the probe and with it: the same decision is written \
    twice and another one once, and each has to come out of both services once. In sh: the same checks and the same proof, of \
    systemctl, sha256sum, redis-cli and journalctl.
    """
  let limits = """
    The probe waits for both services and, so that one too many is seen, a little longer; its log lines come by way of the journal.

    Where the time goes is told above; the two programs are larger, and in memory, where all of them is read for the digests.
    """

  private static let (own, proved) = ("qtctl", "qtctl, with the probe")
  private static let (sh, shProved) = ("by hand in sh", "by hand in sh, with the probe")

  func figures(_ sizes: Sizes) -> [RowHeading] {
    [
      RowHeading(
        key: "verify", title: "verify",
        bars: [
          .most(20, .median(Self.own)), .most(1, .ratio(Self.own, to: Self.sh)),
          .most(100, .difference(Self.proved, to: Self.own)),
        ])
    ]
  }

  func contenders(_ ground: Ground) throws -> [Contender] {
    let folder = "\(ground.folder)/quantum"
    try Timed.run(["systemctl", "start", "redis-server.service"])
    try Timed.sh(Self.release, folder, Checkout.root, Self.checks, Self.proof)
    let manifest = ["--quiet", "--manifest", "\(folder)/units/qtctl.yaml"]
    try Timed.run(["qtctl", "deploy"] + manifest)
    let verify = ["qtctl", "verify", "--stable", "0s"] + manifest
    let (checks, proof) = ("\(folder)/checks", "\(folder)/proof")
    return [
      Contender(name: Self.own, isShort: true) { _ in ["verify": try Timed.run(verify + ["--no-probe"])] },
      Contender(name: Self.sh, isShort: true) { _ in ["verify": try Timed.run([checks])] },
      Contender(name: Self.proved, isShort: true) { _ in ["verify": try Timed.run(verify)] },
      Contender(name: Self.shProved, isShort: true) { _ in
        ["verify": try Timed.run([checks]) + Timed.run([proof])]
      },
    ]
  }

  /// A built checkout, as an operator has it.
  private static let release = #"""
    mkdir -p "$1/.build/release"
    cp -r "$2/units" "$1"
    cp "$2"/.build/release/quantum-execution "$2"/.build/release/quantum-ai-strategy-router "$1/.build/release"
    sed -i 's/stable: .*/stable: 0s/' "$1/units/qtctl.yaml"
    printf %s "$3" >"$1/checks"; printf %s "$4" >"$1/proof"; chmod +x "$1/checks" "$1/proof"
    """#

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
    $(cat /run/quantum-bench-sums 2>/dev/null || sha256sum /usr/local/bin/quantum-* /etc/systemd/system/quantum-*.service | tee /run/quantum-bench-sums)
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
