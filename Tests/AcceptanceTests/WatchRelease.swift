import Rehearsal
import TestSupport

/// A worker on a stream, with a vice that it has from the moment on that a file appears; and its watch, with looks that are a
/// second apart.
enum WatchRelease {
  static let vices = ["dies", "leaks", "deaf", "slow"]
  /// The vice that it has from the beginning: it is as slow at once as another becomes.
  static let late = "late"
  static let alarm = "/var/log/told"
  private static let trigger = "/run/vice"

  /// Lays a release out; its name is that of its vice. Version 1 has none.
  static func write(_ name: String, _ version: String, to site: Site) async throws {
    let folder = "/root/\(name)"
    let unit = """
      [Service]
      Type=notify
      ExecStart=/usr/bin/python3 /srv/\(name)/worker.py \(name) \(version == "1" ? "none" : name)
      MemoryMax=300M
      [Install]
      WantedBy=rehearsal.target
      [Unit]
      After=redis-server.service
      Wants=redis-server.service

      """
    let manifest = """
      name: \(name)
      version: "\(version)"
      services:
        - unit: \(name).service
          files:
            - {source: worker.py, target: /srv/\(name)/worker.py}
            - {source: \(name).service, target: /etc/systemd/system/\(name).service}
      backups: {directory: /var/backups/qtctl}
      redis: redis://127.0.0.1:6379/0
      verify:
        stable: 200ms
        groups: [{stream: \(name).in, group: g}]
        duplicates:
          probe: {id: "${trace_id}"}
          into: \(name).in
          out: \(name).out
          unit: \(name).service
          terminal: {unit: \(name).service}
          within: 2s
      watch:
        for: 10m
        every: 1s
        probe: 1s
        on-failure: rollback
      \(name == "late" ? "  slow: 300ms" : "")
        alarm: {run: [/usr/local/bin/told]}

      """
    try await site.machine.write("# \(version)\n" + worker, to: folder + "/worker.py")
    try await site.machine.write(unit, to: "\(folder)/\(name).service")
    try await site.machine.write(manifest, to: folder + "/qtctl.yaml")
    try await site.machine.write(
      "#!/bin/sh\ncat >>\(alarm); echo >>\(alarm)\n", to: "/usr/local/bin/told", mode: 0o755)
  }

  /// Decisions for all, as they come on a normal day.
  static func feed(_ names: [String], on site: Site) async throws {
    let adds = names.map { "echo \"XADD \($0).in MAXLEN 1000 * id load-$n\"" }.joined(separator: "; ")
    try await site.run([
      "systemd-run", "--quiet", "--unit=feeder", "sh", "-c",
      "n=0; while :; do n=$((n+1)); \(adds); sleep 0.2; done | redis-cli >/dev/null",
    ])
  }

  static func turnBad(_ site: Site) async throws { try await site.sh("touch \(trigger)") }

  /// How many looks a watch has taken.
  static func looks(_ name: String, on site: Site) async throws -> Int {
    let text = try await site.sh("grep -o '\"looks\":[0-9]*' \(record(name)) | cut -d: -f2")
    return Int(text.filter(\.isNumber)) ?? 0
  }

  /// Waits until a watch has taken so many looks.
  static func looks(_ name: String, atLeast count: Int, on site: Site) async throws {
    try await site.wait(
      for: "[ $(grep -o '\"looks\":[0-9]*' \(record(name)) | cut -d: -f2) -ge \(count) ]", within: .seconds(40))
  }

  static func record(_ name: String) -> String { "/var/lib/qtctl/watch/\(name).json" }

  private static let worker = """
    import os, socket, sys, time
    name, vice = sys.argv[1:]
    def bad(what): return vice == what and os.path.exists("\(trigger)")
    conn = socket.create_connection(("127.0.0.1", 6379))
    file = conn.makefile("rb")
    def read():
        line = file.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"*": return None if rest == b"-1" else [read() for _ in range(int(rest))]
        if kind != b"$": return rest.decode()
        return None if rest == b"-1" else file.read(int(rest) + 2)[:-2].decode()
    def call(*words):
        words = [str(word).encode() for word in words]
        conn.sendall(b"*%d\\r\\n" % len(words) + b"".join(b"$%d\\r\\n%s\\r\\n" % (len(w), w) for w in words))
        return read()
    call("XGROUP", "CREATE", name + ".in", "g", "$", "MKSTREAM")
    call("XGROUP", "CREATECONSUMER", name + ".in", "g", "c")
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    seen, hoard = set(), []
    while True:
        if bad("dies"): sys.exit("gone")
        if bad("leaks"): hoard.append(os.urandom(3 << 20))
        if bad("deaf"): time.sleep(3600)
        reply = call("XREADGROUP", "GROUP", "g", "c", "COUNT", 50, "BLOCK", 200, "STREAMS", name + ".in", ">")
        for _, entries in reply or []:
            for entry, fields in entries:
                trace = fields[1]
                if trace in seen:
                    print("DUPLICATE_SKIP", trace, flush=True)
                else:
                    seen.add(trace)
                    call("XADD", name + ".out", "MAXLEN", 1000, "*", "id", trace)
                    if (bad("slow") or vice == "late") and trace.startswith("probe"): time.sleep(0.6)
                    print("TERMINAL STATE", trace, flush=True)
                call("XACK", name + ".in", "g", entry)

    """
}
