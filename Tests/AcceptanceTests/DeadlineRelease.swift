import Rehearsal
import TestSupport

/// A service in sh, and one thing about it that hangs while `/run/adversary` exists.
struct DeadlineRelease: Sendable {
  enum Adversary: String, CaseIterable {
    /// It answers a byte a second.
    case redis
    /// `migrate` and its `undo` never end.
    case hook
    /// A FIFO is in place of the target.
    case target
    /// Its target is 8 TiB of zeros that are stored nowhere.
    case hole
    /// A FIFO is in place of the unit's environment file.
    case environment
    /// Its process ignores SIGTERM, its `ExecStop=` never ends, and systemd has no limit for it.
    case unit
    /// A command of `verify` never ends, nor what it has started.
    case check
  }

  static let folder = "/root/plain"
  private static let hangs = "test ! -e /run/adversary || { trap '' TERM; sleep 1000 & wait; sleep 1000; }"

  let site: Site
  let adversary: Adversary

  init(_ site: Site, _ adversary: Adversary) {
    self.site = site
    self.adversary = adversary
  }

  /// Lays out a release.
  ///
  /// - Parameter start: what its process does before it is ready.
  func write(_ version: String, start: String = ":") async throws {
    let (program, unit): (String, String) =
      adversary == .unit
      ? ("trap '' TERM; while :; do sleep 1; done", "TimeoutStopSec=infinity\nExecStop=sleep infinity\n")
      : ("exec sleep infinity", "")
    let machine = site.machine
    try await machine.write(
      "#!/bin/sh\n# \(version)\n\(start); systemd-notify --ready; \(program)\n", to: Self.folder + "/plain", mode: 0o755
    )
    try await machine.write("version \(version)\n", to: Self.folder + "/plain.conf")
    try await machine.write("#!/bin/sh\n\(Self.hangs)\n", to: Self.folder + "/hang", mode: 0o755)
    try await machine.write(
      """
      [Service]
      Type=notify
      NotifyAccess=all
      EnvironmentFile=/etc/plain.env
      ExecStart=/usr/local/bin/plain
      \(unit)[Install]
      WantedBy=multi-user.target

      """, to: Self.folder + "/plain.service")
    try await machine.write(manifest(version), to: Self.folder + "/qtctl.yaml")
  }

  private func manifest(_ version: String) -> String {
    let extra =
      switch adversary {
      case .redis: "redis: redis://127.0.0.1:6391/0"
      case .hook: "hooks: {migrate: {run: [./hang], undo: [./hang], within: 2s}}"
      default: ""
      }
    let checks =
      switch adversary {
      case .redis: ", deadLetters: [dead]"
      case .check: ", commands: [{name: hangs, run: [/usr/local/bin/hang], within: 3s}]"
      default: ""
      }
    return """
      name: plain
      version: "\(version)"
      services:
        - unit: plain.service
          ready: 5s
          stop: 2s
          files:
            - {source: plain, target: /usr/local/bin/plain, mode: "0755"}
            - {source: plain.conf, target: /etc/plain.conf}
            - {source: plain.service, target: /etc/systemd/system/plain.service}
      \(extra)
      backups: {directory: /var/backups/plain}
      rollback: {deadline: 20s}
      verify: {stable: 500ms\(checks)}

      """
  }

  /// What the host has before the first deploy.
  func begin() async throws {
    try await site.machine.write("#!/bin/sh\n\(Self.hangs)\n", to: "/usr/local/bin/hang", mode: 0o755)
    try await site.sh("echo A=1 > /etc/plain.env")
    guard adversary == .redis else { return }
    try await site.machine.write(Self.proxy, to: "/root/proxy.py")
    try await site.sh(
      "systemd-run -q --unit proxy python3 /root/proxy.py; until ss -tln | grep -q :6391; do sleep 0.05; done")
  }

  /// From here on it hangs.
  func meet() async throws { try await site.sh("cp -a /etc/plain.conf /root/saved.conf; " + meeting) }
  private var meeting: String {
    switch adversary {
    case .target: "rm -f /etc/plain.conf; mkfifo /etc/plain.conf"
    case .hole: "truncate -s 8T /etc/plain.conf"
    case .environment: "rm -f /etc/plain.env; mkfifo /etc/plain.env"
    default: "touch /run/adversary"
    }
  }

  /// It hangs no longer, and what was interrupted is undone.
  func part() async throws {
    try await site.sh(
      """
      rm -f /run/adversary
      [ ! -p /etc/plain.env ] || { rm /etc/plain.env; echo A=1 > /etc/plain.env; }
      [ -f /etc/plain.conf ] && [ $(stat -c %s /etc/plain.conf) -lt 99 ] || cp -aT --remove-destination /root/saved.conf /etc/plain.conf
      timeout -s KILL 60 qtctl recover -q
      """, within: .seconds(90))
  }

  /// Runs qtctl, which has to end well.
  func must(_ arguments: String...) async throws {
    let run = try await site.qtctl(arguments)
    guard run.exit == 0 else { throw SiteError(description: "\(run)") }
  }

  /// - Returns: after how many seconds qtctl has ended, in whatever way but by a signal; 999 if it did not.
  func time(_ arguments: [String]) async throws -> Double {
    let output = try await site.machine.run(
      ["timeout", "-s", "KILL", "100", "qtctl"] + arguments, within: .seconds(120))
    guard case .exited(let status) = output.status, status < 128 else { return 999 }
    return output.seconds
  }

  /// Begins a deploy and kills it while the new service starts; from then on it hangs.
  ///
  /// - Parameter isWatched: whether the rollback watchdog stands by.
  func interrupt(isWatched: Bool) async throws {
    try await site.sh(
      """
      qtctl deploy \(Self.folder) --again >/dev/null 2>&1 & pid=$!
      until grep -q '"step":.*start plain' /var/lib/qtctl/transaction.jsonl 2>/dev/null; do
        kill -0 $pid; sleep 0.05
      done
      kill -STOP $pid
      \(isWatched ? "" : "systemctl stop 'qtctl-dead-man-*'")
      cp -a /etc/plain.conf /root/saved.conf
      \(meeting)
      kill -9 $pid
      """)
  }

  /// - Returns: after how many seconds the watchdog has undone it; 999 if it did not.
  func waitForWatchdog() async throws -> Double {
    let begun = ContinuousClock.now
    do {
      try await site.wait(for: "[ ! -e /var/lib/qtctl/transaction.jsonl ]", within: .seconds(100))
    } catch is SiteError {
      return 999
    }
    return (ContinuousClock.now - begun) / .seconds(1)
  }

  /// Passes everything on to Redis, or answers a byte a second.
  private static let proxy = """
    import os, socket, threading, time

    def copy(source, target):
        try:
            while data := source.recv(65536): target.sendall(data)
        except OSError: pass
        target.close()

    def serve(client):
        try:
            if os.path.exists("/run/adversary"):
                client.sendall(b"$100000000\\r\\n")
                while True:
                    client.sendall(b"x")
                    time.sleep(1)
            redis = socket.create_connection(("127.0.0.1", 6379))
        except OSError: return
        threading.Thread(target=copy, args=(redis, client), daemon=True).start()
        copy(client, redis)

    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 6391))
    listener.listen(64)
    while True:
        threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    """
}
