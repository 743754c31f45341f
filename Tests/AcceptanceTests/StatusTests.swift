import Deployment
import FoundationEssentials
import Rehearsal
import TestSupport
import Testing

@Suite("A status")
struct StatusTests {
  @Test("tells what is wrong: drift, a unit that is down, and how the last transaction ended")
  func wrong() async throws {
    try await Site.with(name: "wrong") { site in
      try await PlainRelease.deploy("1", to: site)
      let fine = try await site.machine.run(["qtctl", "status"])
      #expect(fine.status == .exited(0), "\(fine.stdout)\(fine.stderr)")
      #expect(
        fine.stdout.contains("nothing is wrong: 1 unit") && fine.stdout.contains("drift:      none in"),
        "\(fine.stdout)")
      #expect(
        fine.stdout.contains("last:       deploy ") && fine.stdout.contains(" by root, deployed"), "\(fine.stdout)")

      try await site.sh("qtctl stop plain --name plain; echo '# by hand' >>/usr/local/bin/plain")
      let wrong = try await site.qtctl("status")
      #expect(wrong.exit == 3, "\(wrong)")
      #expect(wrong.message.contains("plain.service expected active, is inactive"), "\(wrong)")
      #expect(wrong.message.contains("/usr/local/bin/plain of plain changed"), "\(wrong)")
      let text = try await site.machine.run(["qtctl", "status"]).stdout
      #expect(text.contains("since:      stop: plain.service, ") && text.contains("2 problems"), "\(text)")
      let history = try await site.machine.run(["qtctl", "history"]).stdout
      #expect(history.contains(" stop ") && history.contains("plain.service"), "\(history)")
      // So does every other change.
      try await site.sh("qtctl backups pin $(qtctl backups list --json | grep -om1 '20[0-9]*_[0-9]*')")
      #expect(try await site.sh("qtctl history --last 1").contains(" is pinned"))
      // One record that cannot be read hides nothing else.
      try await site.sh("echo broken >/var/lib/qtctl/installed/broken.json")
      let partly = try await site.machine.run(["qtctl", "status"])
      #expect(partly.status == .exited(3) && partly.stdout.contains("3 problems"), "\(partly.stdout)\(partly.stderr)")
    }
  }

  @Test("tells who changes the host, in which phase, and how much time is left")
  func during() async throws {
    try await Site.with(name: "status-during") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.write("2", .good, to: site)
      let deploy = try await site.machine.spawn(["qtctl", "deploy", PlainRelease.folder, "--stable", "8s"])
      try await site.wait(for: "grep -q '\"stage\":\"verify\"' /var/lib/qtctl/lock")
      let document = try await site.sh("qtctl status --json | tr -d ' \n'")
      #expect(document.contains(#""phase":"verify""#) && document.contains(#""left":"#), "\(document)")
      let text = try await site.sh("qtctl status")
      #expect(
        text.contains("a transaction is in progress: deploy of plain (1 (") && text.contains("left for this phase"),
        "\(text)")
      #expect(try await deploy.output().succeeded)
      let after = try await site.sh("qtctl status --json | tr -d ' \n'")
      #expect(after.contains(#""transaction":null"#), "\(after)")
    }
  }

  @Test("tells of a unit that keeps restarting, with its last words, and only counts units that simply run")
  func restarting() async throws {
    try await Site.with(name: "restarting") { site in
      try await site.sh(
        """
        mkdir /root/many; cd /root/many
        printf 'name: many\nbackups: {directory: /var/backups/many}\nverify: {stable: 0s}\nservices:\n' >qtctl.yaml
        for i in $(seq 1 21) crash; do
          printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' >u$i.service
          printf '  - unit: u%s.service\n    files: [{source: u%s.service, ' $i $i >>qtctl.yaml
          printf 'target: /etc/systemd/system/u%s.service}]\n' $i >>qtctl.yaml
        done
        printf '[Unit]\nStartLimitIntervalSec=0\n[Service]\nRestart=always\nRestartSec=300ms\n' >ucrash.service
        echo "ExecStart=/bin/sh -c 'echo PORT is not set; sleep 0.7; exit 3'" >>ucrash.service
        qtctl deploy --no-verify >&2; sleep 2
        """)
      let status = try await site.machine.run(["qtctl", "status"])
      #expect(status.status == .exited(3), "\(status.stdout)\(status.stderr)")
      #expect(status.stdout.contains("21 units are active; --verbose lists them"), "\(status.stdout)")
      #expect(status.stdout.contains("ucrash.service keeps restarting, "), "\(status.stdout)")
      #expect(status.stdout.contains("    PORT is not set\n"), "\(status.stdout)")
      #expect(try await site.machine.run(["qtctl", "status", "-v"]).stdout.contains("u21.service "))
    }
  }

  @Test("shows the consumer groups, and that one of them is not read")
  func groups() async throws {
    try await Site.with(name: "groups") { site in
      let groups = """
          groups: [{stream: decisions, group: readers, lag: 10, pending: 10}]
        """
      try await site.sh("redis-cli XGROUP CREATE decisions readers 0 MKSTREAM; redis-cli XADD decisions '*' a 1")
      try await PlainRelease.write("1", .good, to: site)
      let manifest = PlainRelease.manifest("1").replacing(
        "verify: {stable: 1s}", with: "redis: redis://127.0.0.1\nverify:\n  stable: 0s\n" + groups)
      try await site.machine.write(manifest, to: PlainRelease.folder + "/qtctl.yaml")
      #expect(try await site.qtctl("deploy", PlainRelease.folder, "--no-verify").exit == 0)
      let status = try await site.machine.run(["qtctl", "status"])
      #expect(status.status == .exited(3), "\(status.stdout)\(status.stderr)")
      #expect(status.stdout.contains("readers  decisions  1       0        1    none    0"), "\(status.stdout)")
      #expect(status.stdout.contains("readers expected at least 1 live consumers, found 0"), "\(status.stdout)")
      try await site.sh("systemctl stop redis-server")
      let down = try await site.machine.run(["qtctl", "status"])
      #expect(down.status == .exited(3) && down.stdout.contains("Redis cannot be looked at"), "\(down.stdout)")
    }
  }

  @Test("is of use to a user who is not root, and says what only root sees")
  func unprivileged() async throws {
    try await Site.with(name: "unprivileged") { site in
      try await PlainRelease.deploy("1", to: site)
      let named = try await site.machine.run(["runuser", "-u", "nobody", "--", "qtctl", "status", "plain"])
      #expect(named.status == .exited(0) && named.stdout.contains("active (running)"), "\(named.stdout)\(named.stderr)")
      #expect(named.stdout.contains("only root sees"), "\(named.stdout)")
      let bare = try await site.machine.run(["runuser", "-u", "nobody", "--", "qtctl", "status"])
      #expect(bare.status == .exited(14) && bare.stderr.contains("sudo qtctl status"), "\(bare.stderr)")
    }
  }

  @Test("is redrawn in place, follows the window, quits on q and gives the terminal back")
  func watch() async throws {
    try await Site.with(name: "watch") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.write("2", .good, to: site)
      try await site.machine.write(Self.terminal, to: "/root/terminal.py")
      let seen = try await site.sh("python3 /root/terminal.py").split(separator: "\n").map(String.init)
      #expect(
        seen == [
          "drawn True", "redrawn True", "fits True", "new release True", "exit 0", "restored True", "TERM exit 0",
          "restored True",
        ],
        "\(seen)")
    }
  }

  /// Runs `status --watch` on a pseudo-terminal of which it changes the size.
  private static let terminal = #"""
    import fcntl, os, pty, re, select, signal, struct, subprocess, termios, time
    master, slave = pty.openpty()
    def size(columns, rows): fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    def read(seconds, until=None):
        end, out = time.time() + seconds, b""
        while time.time() < end and not (until and until in out):
            if select.select([master], [], [], 0.1)[0]: out += os.read(master, 65536)
        return out
    def start():
        pid = os.fork()
        if pid: return pid
        os.setsid(); fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for file in (0, 1, 2): os.dup2(slave, file)
        os.execvpe("qtctl", ["qtctl", "status", "--watch"], {**os.environ, "TERM": "xterm", "LANG": "C.UTF-8"})
    size(120, 40); before = termios.tcgetattr(slave)
    pid = start()
    print("drawn", b"plain.service" in read(10, b"\x1b[J"))
    size(40, 12)
    frame = read(1.5, b"\x1b[J")
    print("redrawn", frame.startswith(b"\x1b[H"))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frame.decode()).split("\r\n")
    print("fits", len(lines) <= 12 and all(len(line.strip()) <= 40 for line in lines if "see: " not in line))
    size(100, 40); subprocess.run(["qtctl", "deploy", "-q", "/root/plain"], capture_output=True); read(3)
    frame = read(3)
    print("new release", b"plain 2 (" in frame and b"drift:      none" in frame)
    os.write(master, b"q"); read(0.5)
    print("exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    print("restored", termios.tcgetattr(slave) == before)
    pid = start(); read(10, b"\x1b[J"); os.kill(pid, signal.SIGTERM); out = read(1.5, b"?1049l")
    print("TERM exit", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    print("restored", termios.tcgetattr(slave) == before and b"?1049l" in out)
    """#

  @Test("and every table fit 60 columns, and are ASCII in the locale C")
  func narrow() async throws {
    try await Site.with(name: "narrow") { site in
      try await PlainRelease.deploy("1", to: site)
      let stamp = try #require(try await PlainRelease.deploy("2", to: site).stamp)
      for command in ["status", "history", "history \(stamp)", "backups list", "backups show \(stamp)"] {
        let text = try await site.sh("LANG=C COLUMNS=60 qtctl \(command)")
        #expect(!text.isEmpty && text.utf8.allSatisfy { $0 < 0x80 }, "\(command)\n\(text)")
        for line in text.split(separator: "\n") where !line.contains("see: ") {
          #expect(line.count <= 60, "\(command): \(line)")
        }
      }
    }
  }

  @Test("has its history: a stamp shows steps, checks and evidence; a backup says what it was taken before")
  func history() async throws {
    try await Site.with(name: "history") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.write("2", .exits, to: site)
      let bad = try await site.qtctl("deploy", PlainRelease.folder, "--reason", "ticket 4711")
      let stamp = try #require(bad.stamp)
      let shown = try await site.qtctl("history", stamp)
      #expect(shown.exit == 0 && shown.stamp == stamp, "\(shown)")
      #expect(shown.steps.contains { $0.name == "start plain.service" && $0.status == .failed }, "\(shown.steps)")
      #expect(shown.checks.contains { $0.id == "unit.active" }, "\(shown)")
      let text = try await site.machine.run(["qtctl", "history", stamp]).stdout
      #expect(text.contains("outcome:  undone (exit 20)") && text.contains("reason given: ticket 4711"), "\(text)")
      #expect(text.contains("CHECKS OF WHAT IS BACK\n"), "\(text)")
      // People read it in a pipe too.
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(text)")
      #expect(text.contains("evidence: /var/lib/qtctl/evidence/\(stamp) (checks.json, "), "\(text)")
      #expect(try await site.qtctl("history", "20200101_000000").exit == 10)
      let backups = try await site.machine.run(["qtctl", "backups", "list"]).stdout
      #expect(backups.contains("AGE") && backups.contains("deploy of 2 ("), "\(backups)")
    }
  }

  @Test("and the logs: by time, text and priority, and as JSON lines while they come")
  func logs() async throws {
    try await Site.with(name: "logs") { site in
      try await PlainRelease.deploy("1", to: site)
      func logs(_ options: String) async throws -> String { try await site.sh("qtctl logs \(options)") }
      try await site.sh("systemd-run -q --wait -p SyslogIdentifier=x true; systemctl restart plain; journalctl --sync")
      #expect(try await logs("--grep 'started plain'").contains("Started plain"))
      #expect(try await logs("--grep 'STARTED PLAIN'").isEmpty)
      #expect(try await logs("--since 1h").contains("Started plain"))
      #expect(try await logs("--since 2100-01-01").isEmpty)
      #expect(try await !logs("-p err").contains("Started plain"))
      let lines = try await site.sh("timeout 2 qtctl logs -f --json -n 3 || true").split(separator: "\n")
      #expect(lines.count >= 3, "\(lines)")
      for line in lines { _ = try JSONDecoder().decode([String: Mixed].self, from: Data(line.utf8)) }
      for wrong in ["--since yesterday", "--grep '('", "-p loud"] {
        #expect(try await site.machine.run(["sh", "-c", "qtctl logs \(wrong)"]).status == .exited(64), "\(wrong)")
      }
    }
  }

  /// A text or a number.
  private enum Mixed: Decodable {
    case text(String), number(Int)
    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self =
        if let text = try? container.decode(String.self) { .text(text) } else {
          .number(try container.decode(Int.self))
        }
    }
  }
}
