import Deployment
import Glibc
import Rehearsal
import TestSupport
import Testing

/// The folder of a target belongs to a user who swaps what is in it between two system calls of qtctl's. `QTCTL_SEED`
/// repeats a run; 50 calls of each command: `make matrix`.
@Suite("A meddler who owns the folder of a target", .serialized)
struct MeddlerMatrixTests {
  enum Command: String, CaseIterable {
    case deploy = "deploy /root/plain"
    case rollback = "rollback --manifest /root/plain"
    case recover = "recover"
    case prune = "backups prune --manifest /root/plain"
  }

  @Test("never gets a byte written or read outside of it, and stalls nothing", arguments: Command.allCases)
  func meddle(_ command: Command) async throws {
    let seed = getenv("QTCTL_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0 ... .max)
    try await AttackTests.attack("meddler-\(command)", target: "/srv/app/conf/app.conf") { site in
      var random = SeededGenerator(seed: seed, for: command.rawValue)
      let meddler = try await Meddler(site, command)
      let all = try await meddler.points()
      #expect(all.count > 2)
      let tried = all.shuffled(using: &random).prefix(Sample.count(4, full: 50))
      var hits = 0
      for point in tried {
        let swap = Meddler.swaps.randomElement(using: &random) ?? ""
        let report = try await meddler.strike(point, swap)
        if report.contains("meddled") { hits += 1 }
        #expect(report.contains("status "), "\(command), seed \(seed), after \(point), '\(swap)': \(report)")
        #expect(!report.contains("FAULT"), "\(command), seed \(seed), after \(point), '\(swap)': \(report)")
      }
      print("meddler, \(command), seed \(seed): \(hits) swaps at \(tried.count) of \(all.count) calls")
      #expect(hits * 2 >= tried.count)
    }
  }
}

/// Runs a command of qtctl from the same state, each time with one swap at another of its system calls.
private struct Meddler {
  /// What mallory does in `/srv/app`; each leaves her folder spoilt.
  static let swaps = [
    "mv conf old; ln -s \(victim) conf",
    "mv conf old; mkdir conf; ln -s \(victim)/app.conf conf/app.conf",
    "rm -f conf/app.conf; ln -s \(victim)/app.conf conf/app.conf",
    "rm -f conf/.app.conf.qtctl-staged; ln -s \(victim)/app.conf conf/.app.conf.qtctl-staged",
    "rm -f conf/.app.conf.qtctl-staged; ln -s \(victim)/new conf/.app.conf.qtctl-staged",
    "rm -f conf/app.conf; mkfifo conf/app.conf",
    "rm -f conf/.app.conf.qtctl-staged; mkfifo conf/.app.conf.qtctl-staged",
    "rm -f conf/app.conf; mkdir -p conf/app.conf/x",
    "rm -f conf/app.conf; ln conf/other conf/app.conf",
    "rm -rf conf",
  ]

  private static let victim = "/srv/victim"
  private static let secret = "for root alone"
  private static let state = "/srv/app /usr/local/bin/plain /etc/systemd/system /var/lib/qtctl \(PlainRelease.store)"

  let site: Site
  let command: MeddlerMatrixTests.Command

  /// The state before the command is kept in an archive.
  init(_ site: Site, _ command: MeddlerMatrixTests.Command) async throws {
    self.site = site
    self.command = command
    try await site.machine.write(Self.controller, to: "/root/meddle.py")
    try await site.sh(
      """
      mkdir \(Self.victim); printf '\(Self.secret)' > \(Self.victim)/app.conf; chmod 600 \(Self.victim)/app.conf
      runuser -u mallory -- sh -c 'echo mine > /srv/app/conf/other'
      find \(Self.victim) -printf '%p %m %u %g %s %C@ %l\\n' | sort > /root/victim
      sed -i 's/stable: 1s/stable: 100ms/' /root/plain/qtctl.yaml
      """)
    switch command {
    case .deploy: break
    case .rollback: try await Self.deploy(site)
    case .prune:
      for _ in 1...2 {
        try await Self.deploy(site)
        try await site.sh("qtctl backup --name plain -q")
      }
      try await site.sh(
        "sed -i 's|^backups: .*|backups: {directory: \(PlainRelease.store), keep: 1}|' /root/plain/qtctl.yaml")
    case .recover:
      try await site.sh(
        """
        sed -i 's/^systemd-notify/sleep 2; systemd-notify/' /root/plain/plain
        qtctl deploy /root/plain >/dev/null 2>&1 & pid=$!
        until grep -q '"step":.*start plain' /var/lib/qtctl/transaction.jsonl 2>/dev/null; do sleep 0.05; done
        kill -STOP $pid; systemctl stop 'qtctl-dead-man-*'; kill -9 $pid
        """)
    }
    try await site.sh("tar -cpf /root/saved.tar --xattrs \(Self.state) 2>/dev/null")
  }

  private static func deploy(_ site: Site) async throws {
    let run = try await site.qtctl("deploy", PlainRelease.folder)
    guard run.exit == 0 else { throw SiteError(description: "\(run)") }
  }

  /// The calls that concern mallory's folder, or for `prune` the store.
  func points() async throws -> [Trace.Point] {
    let place = command == .prune ? PlainRelease.store : "/srv/app"
    let trace = try await site.sh(
      """
      \(Self.reset)
      taskset -c 0 strace -f -y -qq -s 60 -o /tmp/trace -e trace=file,desc qtctl \(command.rawValue) --quiet || true
      cat /tmp/trace
      """)
    return Trace(trace, about: place).points
  }

  private static let reset = """
    systemctl stop plain 'qtctl-dead-man-*' 2>/dev/null || true
    rm -rf \(state); tar -xpf /root/saved.tar --xattrs -C /
    systemctl daemon-reload; systemctl reset-failed; systemctl start plain
    """

  /// Runs the command, swaps at that point, and says what is wrong then: it did not end, something outside of the folder
  /// was written or read, or the host stays unusable once the folder is in order again.
  func strike(_ point: Trace.Point, _ swap: String) async throws -> String {
    let output = try await site.machine.run(
      [
        "sh", "-uc",
        """
        \(Self.reset)
        python3 /root/meddle.py \(point.call) \(point.number) '\(swap)' \(command.rawValue) --quiet
        find \(Self.victim) -printf '%p %m %u %g %s %C@ %l\\n' | sort | diff /root/victim - || echo 'FAULT: written outside'
        grep -rql --devices=skip '\(Self.secret)' \(Self.state) && echo 'FAULT: read outside'
        timeout -s KILL 90 qtctl recover --wait 60s --quiet >/tmp/recover 2>&1
        case $? in 0 | 21) ;; *) echo "FAULT: recover ended with $?: $(tail -3 /tmp/recover)" ;; esac
        rm -rf /srv/app/*; install -d -o mallory -g mallory /srv/app/conf
        for command in 'recover --wait 60s' 'deploy /root/plain --accept-drift --again'; do
          timeout -s KILL 90 qtctl $command --quiet >/tmp/next 2>&1 || echo "FAULT: then $command: $? $(tail -3 /tmp/next)"
        done
        """,
      ], within: .seconds(240))
    return output.stdout + output.stderr
  }

  /// usage: meddle.py CALL NUMBER SWAP ARGUMENT…: runs qtctl, which strace(1) stops at that call; swaps, and lets it go on.
  /// Every thread, and every program that qtctl starts, is stopped at its own call of that number, and goes on too.
  private static let controller = """
    import os, signal, subprocess, sys, time

    call, number, swap, arguments = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    tracer = subprocess.Popen(
        ["taskset", "-c", "0", "strace", "-f", "-qq", "-o", "/dev/null", "-e", "trace=" + call, "-e",
         f"inject={call}:signal=STOP:when={number}", "qtctl", *arguments],
        stdin=subprocess.DEVNULL, stdout=open("/tmp/out", "w"), stderr=subprocess.STDOUT)

    def read(path):
        try:
            with open(path) as file: return file.read()
        except OSError: return ""

    def tasks():
        for process in filter(str.isdigit, os.listdir("/proc")):
            try: names = os.listdir(f"/proc/{process}/task")
            except OSError: continue
            states = [read(f"/proc/{process}/task/{name}/status") for name in names]
            if any(f"TracerPid:\\t{tracer.pid}\\n" in state for state in states): yield int(process), states

    def stopped():
        return {process for process, states in tasks() if all("State:\\tt" in s or "State:\\tT" in s for s in states)}

    meddled = False
    end = time.monotonic() + 60
    while tracer.poll() is None:
        if time.monotonic() > end:
            print("FAULT: it hangs")
            for process, states in tasks():
                print(process, read(f"/proc/{process}/cmdline").replace("\\0", " "))
                for name in os.listdir(f"/proc/{process}/task"):
                    print(name, read(f"/proc/{process}/task/{name}/syscall"), read(f"/proc/{process}/task/{name}/wchan"))
                os.kill(process, signal.SIGKILL)
            tracer.kill()
            break
        before = stopped()
        time.sleep(0.03)
        for process in before & stopped():
            if not meddled and read(f"/proc/{process}/comm") == "qtctl\\n":
                subprocess.run(["runuser", "-u", "mallory", "--", "sh", "-c", "cd /srv/app; " + swap], stderr=subprocess.DEVNULL)
                meddled = True
                print("meddled")
            try: os.kill(process, signal.SIGCONT)
            except OSError: pass
    status = tracer.wait()
    print("status", status, read("/tmp/out")[-300:])
    if status < 0 or status > 128: print("FAULT: it died")

    """
}
