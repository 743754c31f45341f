import Deployment
import TestSupport

@testable import Verification

/// One way in which the real system breaks, and the checks that say so.
struct Break: Sendable, CustomStringConvertible {
  let description: String
  /// The failures, as `id subject`; nothing else may fail.
  var fails: [String]
  /// What the first of them says.
  var words: String
  /// Shell lines that break it and that heal it.
  var damage: String
  var heal: String
  /// How it is asked; without probe, since what is frozen would make it wait.
  var options = VerificationOptions(stable: .zero, probe: false)
  var change: @Sendable (inout VerificationSubject) -> Void = { _ in }
}

extension Break {
  static let decisions = "quantum:stream:ai.decision.made"
  static let intents = "quantum:stream:trade.intent"
  static let routerGroup = "quantum:group:router:ai.decision.made"
  static let executionGroup = "quantum:group:execution:trade.intent"
  // Redis hands the first entry to the reader that waits, though it is frozen: it is pending and no longer waits.
  private static let freeze = "systemctl kill -s STOP \(RealServices.execution)"
  private static let thaw = "systemctl kill -s CONT \(RealServices.execution)"
  /// Shell functions: `publish N` writes decisions that become intents; `later COMMAND` goes on when the lines have ended.
  static let functions = """
    publish() {
      for number in $(seq "$1"); do
        redis-cli XADD \(decisions) '*' event_type ai.decision.made trace_id "test-$$-$number-$(date +%N)" \
          correlation_id c timestamp "$(date -u +%FT%T.%N)" source test payload "{\\"symbol\\":\\"BTCUSDT\\",\
      \\"side\\":\\"buy\\",\\"confidence\\":0.8,\\"entry_price\\":50000.0,\\"quantity\\":100.0,\\"leverage\\":2.0,\
      \\"stop_loss\\":49000.0,\\"take_profit\\":52000.0,\\"timestamp\\":\\"$(date -u +%FT%T.%N)\\",\\"model\\":\\"m\\"}"
      done >/dev/null
    }
    until_ok() { for _ in $(seq 100); do ! eval "$1" || return 0; sleep 0.05; done; echo "never: $1"; return 1; }
    info() { redis-cli XINFO GROUPS "$1" | grep -A 13 -x "$2" | grep -A 1 -x "$3" | tail -n 1; }
    later() { systemd-run --quiet --collect sh -c "$1"; }
    accept_loss() {
      until_ok '[ "$(redis-cli HLEN quantum:redis:loss)" -gt 0 ]'
      redis-cli SET quantum:redis:loss:accepted "$(redis-cli HKEYS quantum:redis:loss | sort -n | tail -n 1)"
    }
    routed() { until_ok '[ "$(info \(decisions) \(routerGroup) lag)" = 0 ]'; }

    """

  static let units: [Break] = [
    Break(
      description: "unit.active: a unit is stopped", fails: ["unit.active \(RealServices.router)"], words: "inactive",
      damage: "systemctl stop \(RealServices.router)", heal: "systemctl start \(RealServices.router)"),
    Break(
      description: "unit.stable: a unit is restarted in the window", fails: ["unit.stable \(RealServices.router)"],
      words: "expected one run without a restart",
      damage: "later 'sleep 0.5; systemctl restart \(RealServices.router)'", heal: "sleep 1",
      options: VerificationOptions(stable: .seconds(20), probe: false)),
    Break(
      description: "unit.stable: a watchdog is not notified", fails: ["unit.stable starving.service"],
      words: "the limit is 300 ms",
      damage: "systemd-analyze service-watchdogs no; systemd-run -q --unit starving -p WatchdogSec=300ms"
        + " sleep infinity; sleep 0.5",
      heal: "systemctl stop starving; systemd-analyze service-watchdogs yes"
    ) { if $0.units.count == 2 { $0.units.append(ExpectedUnit("starving.service")) } },
    Break(
      description: "unit.neighbours: a unit that was stopped with another is not back",
      fails: ["unit.neighbours beside.service"],
      words: "start it: systemctl start beside.service",
      damage: "systemd-run -q --unit beside sleep infinity; systemctl stop beside",
      heal: "systemd-run -q --unit beside sleep infinity"
    ) { $0.others.append("beside.service") },
    Break(
      description: "unit.triggers: a timer that was paused does not wait", fails: ["unit.triggers hourly.timer"],
      words: "start it: systemctl start hourly.timer",
      damage: "systemd-run -q --unit hourly --on-active=1h true; systemctl stop hourly.timer",
      heal: "systemd-run -q --unit hourly --on-active=1h true"
    ) { $0.others.append("hourly.timer") },
    Break(
      description: "unit.current: a program is replaced under its process",
      fails: ["unit.current \(RealServices.execution)"], words: "restart it",
      damage: "cd \(RealServices.programs); cp -p quantum-execution new; mv new quantum-execution",
      heal: "systemctl restart \(RealServices.execution)"),
    Break(
      description: "files.match: a file is edited by hand", fails: ["files.match /usr/local/bin/quantum-edited"],
      words: "expected sha256", damage: "echo edited >> /usr/local/bin/quantum-edited",
      heal: "printf '' > /usr/local/bin/quantum-edited"
    ) {
      $0.files.append(
        ExpectedFile(
          target: "/usr/local/bin/quantum-edited",
          state: .present(
            sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", mode: nil, owner: nil,
            group: nil)))
    },
  ]

  static let redis: [Break] = [
    Break(
      description: "redis.reachable: Redis is down", fails: ["redis.reachable redis://127.0.0.1:6379/0"],
      words: "Connection refused", damage: "systemctl stop redis-server",
      heal: "systemctl start redis-server; redis-cli CONFIG SET appendonly yes; systemctl restart quantum-*"),
    Break(
      description: "redis.durable: Redis keeps nothing", fails: ["redis.durable redis://127.0.0.1:6379/0"],
      words: "append-only file is off", damage: "redis-cli CONFIG SET appendonly no",
      heal: "redis-cli CONFIG SET appendonly yes"),
    Break(
      description: "stream.exists: a stream is gone, and the service that would make it anew",
      fails: ["unit.active \(RealServices.execution)", "stream.exists \(intents)"], words: "expected active",
      damage: "systemctl stop \(RealServices.execution); redis-cli DEL \(intents)",
      heal: "systemctl start \(RealServices.execution); accept_loss"),
    Break(
      description: "group.exists: the group is destroyed, and one of its name is on another stream",
      fails: ["group.exists \(executionGroup)"], words: "expected the group on \(intents), it has none",
      damage: "\(freeze); redis-cli XGROUP CREATE \(decisions) \(executionGroup) '$';"
        + " redis-cli XGROUP DESTROY \(intents) \(executionGroup)",
      heal: "redis-cli XGROUP DESTROY \(decisions) \(executionGroup); \(thaw)"),
    Break(
      description: "group.consumers: nobody reads, and an entry waits",
      fails: ["unit.active \(RealServices.execution)", "group.consumers \(executionGroup)"], words: "expected active",
      damage: "systemctl stop \(RealServices.execution); publish 1; routed; sleep 0.3",
      heal: "systemctl start \(RealServices.execution)", options: impatient(.milliseconds(200))),
    Break(
      description: "group.pending: an entry belongs to a consumer named after a dead process",
      fails: ["group.pending \(executionGroup)"], words: "execution-4711 holds 1, silent for",
      damage: """
        systemctl stop \(RealServices.execution); publish 1; routed
        redis-cli XREADGROUP GROUP \(executionGroup) execution-4711 COUNT 1 STREAMS \(intents) '>'
        systemctl start \(RealServices.execution); sleep 1.1
        """,
      heal: """
        id=$(redis-cli XPENDING \(intents) \(executionGroup) - + 1 | head -n 1)
        redis-cli XACK \(intents) \(executionGroup) "$id"
        redis-cli XGROUP DELCONSUMER \(intents) \(executionGroup) execution-4711
        """, options: impatient(.seconds(1))),
    Break(
      description: "group.lag: entries wait and none is delivered over the window",
      fails: ["group.lag \(executionGroup)"], words: "2 wait and none was delivered in 500 ms",
      damage: "\(freeze); publish 3; routed", heal: thaw,
      options: VerificationOptions(stable: .milliseconds(500), probe: false)),
    Break(
      description: "stream.intact: entries are trimmed before they are delivered",
      fails: ["stream.intact \(executionGroup)"], words: "4 entries of \(intents) were removed",
      damage: "\(freeze); publish 5; routed; redis-cli XTRIM \(intents) MAXLEN 0; \(thaw)",
      heal: """
        added=$(redis-cli XINFO STREAM \(intents) | grep -A 1 -x entries-added | tail -n 1)
        id=$(redis-cli XINFO STREAM \(intents) | grep -A 1 -x last-generated-id | tail -n 1)
        redis-cli XGROUP SETID \(intents) \(executionGroup) "$id" ENTRIESREAD "$added"
        """),
    Break(
      description: "group.orphans: a group of an earlier version holds entries", fails: ["group.orphans \(intents)"],
      words: "execution-v1 (1)",
      damage: """
        publish 1; routed; redis-cli XGROUP CREATE \(intents) execution-v1 0
        redis-cli XREADGROUP GROUP execution-v1 old COUNT 1 STREAMS \(intents) '>'; sleep 0.3
        """,
      heal: "redis-cli XGROUP DESTROY \(intents) execution-v1", options: impatient(.milliseconds(20))),
    Break(
      description: "dead.letters: an entry that nobody can read is buried in the window",
      fails: ["dead.letters quantum:stream:dead.letter"], words: "1 new over 1.5 s",
      damage: "later 'sleep 0.5; redis-cli XADD \(decisions) \\* only this'", heal: "sleep 1",
      options: VerificationOptions(stable: .milliseconds(1500), probe: false)),
  ]

  static let outside: [Break] = [
    Break(
      description: "command: a program of the manifest fails", fails: ["command flag"],
      words: "expected exit 0 of '/usr/bin/test -e /run/flag', got 1", damage: "rm /run/flag", heal: "touch /run/flag"
    ) {
      $0.verify.commands = [Manifest.Command(name: "flag", run: ["/usr/bin/test", "-e", "/run/flag"])]
    },
    Break(
      description: "http: a page is gone", fails: ["http http://127.0.0.1:8098/page"], words: "404",
      damage: "rm /run/web/page", heal: "touch /run/web/page"
    ) { $0.verify.http = [Manifest.HTTP(url: "http://127.0.0.1:8098/page")] },
    Break(
      description: "tcp: nobody listens", fails: ["tcp 127.0.0.1:8098"], words: "Connection refused",
      damage: "systemctl stop web",
      heal: "systemd-run -q --unit web \(web); until_ok 'ss -tln | grep -q 127.0.0.1:8098'"
    ) { $0.verify.tcp = [Manifest.TCP(address: "127.0.0.1:8098")] },
  ]

  static let web = "python3 -m http.server 8098 --bind 127.0.0.1 --directory /run/web"

  private static func impatient(_ silence: Duration) -> VerificationOptions {
    var options = VerificationOptions(stable: .zero, probe: false)
    options.silence = silence
    return options
  }
}
