import Rehearsal
import TestSupport

/// A pipeline in Python that is right, or broken in one way: a gate that skips duplicates and a desk that ends messages.
/// Both are one program, and each is a unit.
struct SmallPipeline {
  static let folder = "/root/pipeline"
  static let manifest = folder + "/qtctl.yaml"

  /// The ways in which it breaks.
  enum Fault: String, CaseIterable {
    case none
    /// The gate lets every copy through.
    case copies
    /// The gate looks whether it knows a message and notes it later, so that two copies side by side pass.
    case races
    /// The gate remembers in its memory.
    case forgets
    /// The desk ends what it reads, however often it comes.
    case endsTwice
    /// A service acknowledges a message before it handles it, and looks for none that it had when it died.
    case loses
    /// A message that it cannot read ends the process.
    case dies
    /// A message that it cannot read is dropped.
    case drops
    /// The desk looks at no time.
    case stale
    /// Alive, and reads nothing.
    case silent
    /// It takes over nothing that another consumer held.
    case selfish
    /// It lives on without its connection when Redis was gone for a moment.
    case disconnected
  }

  static func write(to site: Site) async throws {
    let machine = site.machine
    try await machine.write(program, to: folder + "/pipeline.py", mode: 0o755)
    for role in ["gate", "desk"] { try await machine.write(unit(role), to: "\(folder)/\(role).service") }
    try await machine.write(description, to: manifest)
    try await machine.write("FAULT=none\n", to: "/etc/pipeline.env")
  }

  /// Runs it with that fault from now on, with nothing left of what was before.
  static func start(_ fault: Fault, on site: Site) async throws {
    try await site.sh(
      """
      systemctl stop gate desk
      redis-cli FLUSHALL >/dev/null
      echo FAULT=\(fault.rawValue) >/etc/pipeline.env
      systemctl reset-failed gate desk 2>/dev/null || true
      systemctl start gate desk
      """)
  }

  private static func unit(_ role: String) -> String {
    """
    [Unit]
    Description=\(role)
    StartLimitIntervalSec=0
    [Service]
    Type=notify
    ExecStart=/usr/bin/python3 /usr/local/lib/pipeline.py \(role)
    EnvironmentFile=/etc/pipeline.env
    Restart=on-failure
    RestartSec=100ms
    [Install]
    WantedBy=multi-user.target

    """
  }

  private static let description = """
    name: pipeline
    files:
      - {source: pipeline.py, target: /usr/local/lib/pipeline.py}
    services:
      - {unit: desk.service, ready: 10s, files: [{source: desk.service, target: /etc/systemd/system/desk.service}]}
      - {unit: gate.service, ready: 10s, files: [{source: gate.service, target: /etc/systemd/system/gate.service}]}
    backups: {directory: /var/backups/qtctl}
    verify:
      stable: 0s
      groups:
        - {stream: "p:in", group: gate}
        - {stream: "p:out", group: desk}
      duplicates:
        into: p:in
        out: p:out
        unit: gate.service
        terminal: {unit: desk.service}
        within: 1s
      deadLetters: [p:dead]

    """

  private static let program = #"""
    import datetime, json, os, socket, sys, time
    import redis

    role, fault = sys.argv[1], os.environ["FAULT"]
    source = {"gate": "p:in", "desk": "p:out"}[role]
    server = redis.Redis(socket_timeout=5)
    memory = set()
    # Notes a message, passes it on and acknowledges it, all or nothing.
    pass_on = server.register_script("""
        local known = redis.call('EXISTS', KEYS[1]) == 1
        if not known then
          redis.call('SET', KEYS[1], '1', 'EX', 600)
          redis.call('XADD', 'p:out', '*', unpack(ARGV, 3))
        end
        redis.call('XACK', 'p:in', ARGV[1], ARGV[2])
        return known and 1 or 0""")


    def say(text, trace):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.sendto(f"MESSAGE={text} trace_id={trace}\nTRACE_ID={trace}\n".encode(), "/run/systemd/journal/socket")


    def gate(entry, fields):
        trace, flat = fields["trace_id"], [part for pair in fields.items() for part in pair]
        json.loads(fields["payload"])["symbol"]
        if fault == "copies":
            server.xadd("p:out", fields)
        elif fault == "forgets":
            if trace in memory:
                say("DUPLICATE_SKIP", trace)
            else:
                server.xadd("p:out", fields)
            memory.add(trace)
        elif fault == "races":
            known = server.exists("p:late:" + trace)
            if known:
                say("DUPLICATE_SKIP", trace)
            else:
                server.xadd("p:out", fields)
                waiting.append(trace)
        elif pass_on(keys=["p:known:" + trace], args=[role, entry] + flat):
            say("DUPLICATE_SKIP", trace)
        server.xack(source, role, entry)


    def desk(entry, fields):
        trace, decision = fields["trace_id"], json.loads(fields["payload"])
        moment = datetime.datetime.fromisoformat(decision["timestamp"][:19])
        old = (datetime.datetime.utcnow() - moment).total_seconds() > 3600
        first = server.set("p:ended:" + trace, "1", nx=True, ex=600)
        if first or fault == "endsTwice":
            fills = not fields.get("probe") and (fault == "stale" or not old)
            say("TERMINAL STATE: " + ("FILLED |" if fills else "REJECTED | Reason: stale or a probe |"), trace)
        server.xack(source, role, entry)


    def handle(entry, raw):
        if fault == "loses":
            server.xack(source, role, entry)
            time.sleep(0.005)
        try:
            fields = {name.decode(): value.decode() for name, value in raw.items()}
            {"gate": gate, "desk": desk}[role](entry, fields)
        except (KeyError, TypeError, ValueError) as error:
            if fault == "dies":
                raise
            if fault != "drops":
                server.xadd("p:dead", {"source": source, "id": entry, "reason": repr(error)})
            server.xack(source, role, entry)


    def note_late():
        for trace in waiting:
            server.set("p:late:" + trace, "1", ex=600)
        waiting.clear()


    def run():
        try:
            server.xgroup_create(source, role, id="0", mkstream=True)
        except redis.ResponseError:
            pass
        own = "0" if fault != "loses" else ">"
        while True:
            if fault == "silent":
                time.sleep(1)
                continue
            if fault not in ("selfish", "loses"):
                # What others held for a second, as pending entries of its own.
                if server.execute_command("XAUTOCLAIM", source, role, "me", 1000, "0-0", "JUSTID")[1]:
                    own = "0"
            for _, entries in server.xreadgroup(role, "me", {source: own}, count=20, block=300) or []:
                own = ">" if not entries else own
                for entry, fields in entries:
                    handle(entry.decode(), fields or {})
                note_late()


    waiting = []
    while True:
        try:
            server.ping()
            break
        except redis.RedisError:
            time.sleep(0.1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    while True:
        try:
            run()
        except redis.ConnectionError:
            while fault == "disconnected":
                time.sleep(1)
            time.sleep(0.1)
        except redis.ResponseError as error:
            if "LOADING" not in str(error) and "NOGROUP" not in str(error):
                raise
            time.sleep(0.1)

    """#
}
