import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("A host that cannot be used", .serialized)
struct HostRefusalTests {
  @Test("is told with what to do about it, and exit 40; --install-qtctl puts the same program there")
  func refusals() async throws {
    try await Fleet.with(name: "refusal", hosts: 1, isInstalled: false) { fleet in
      let (desk, host) = (fleet.desk, fleet.hosts[0])
      try await PlainRelease.write("1", .good, to: desk)
      func expect(_ words: String, host name: String = "host1", exit: Int32 = 40, _ more: String...) async throws {
        let run = try await desk.qtctl(["deploy", PlainRelease.folder, "--host", name] + more, within: .seconds(60))
        #expect(run.exit == exit && run.message.contains(words), "\(words): \(run)")
      }
      try await expect("qtctl is not installed on 'host1' (Linux x86_64)")
      let make = "ssh-keygen -q -t ed25519 -N ''"
      try await desk.sh("cd /root/.ssh; mkdir ../key; mv id_ed25519* ../key; \(make) -f id_ed25519")
      try await expect("no key or password of yours is taken")
      try await desk.sh("cd /root/.ssh; mv -f ../key/* .; mv known_hosts ../known")
      try await expect("its key is not known here")
      // Another host answers in its name.
      try await desk.sh(
        "cd /root/.ssh; \(make) -f other; echo \"host1 $(cut -d' ' -f1,2 other.pub)\" >known_hosts")
      try await expect("is not the one in known_hosts")
      try await desk.sh("mv /root/known /root/.ssh/known_hosts")
      try await expect("cannot be reached", host: "nowhere.invalid")

      // Older than --host, and another version.
      try await host.machine.write(
        "#!/bin/sh\necho \"unknown command 'serve'\" >&2; exit 64\n", to: Self.there, mode: 0o755)
      try await expect("too old for --host")
      try await host.machine.write(Self.speaking("ready(); frame(1, hello('0.9'))"), to: Self.there, mode: 0o755)
      try await expect("has qtctl 0.9, this is 1.0.0")
      try await host.machine.write(Self.speaking("ready(); frame(1, hello('1.0.0', 1))"), to: Self.there, mode: 0o755)
      try await expect("has qtctl 1.0.0, this is another build of it")
      try await expect("does not let him run", host: "deploy@host1")
      try await host.sh("mv /usr/bin/sudo /usr/bin/gone")
      try await expect("sudo is not installed", host: "deploy@host1")
      try await host.sh("mv /usr/bin/gone /usr/bin/sudo; chsh -s /usr/sbin/nologin deploy")
      try await expect("This account is currently not available", host: "deploy@host1")

      let installing = try await desk.qtctl("deploy", PlainRelease.folder, "--host", "host1", "--install-qtctl")
      #expect(installing.exit == 0 && installing.outcome == .deployed, "\(installing)")
      try await host.sh(
        """
        cmp \(Checkout.program("qtctl")) \(Self.there); systemctl show -P WantedBy qtctl-recover.service | grep -q basic.target
        [ "$(ls -A /usr/local/bin | grep -c qtctl)" = 1 ]
        """)
      let same = try await desk.machine.run(["qtctl", "status", "--host", "host1", "--install-qtctl"])
      #expect(same.succeeded && !same.stderr.contains("installing"), "\(same.stderr)")
      // The package has come since, and of another version.
      try await host.sh("cp \(Self.there) /usr/bin/qtctl")
      try await host.machine.write(Self.speaking("ready(); frame(1, hello('0.9'))"), to: Self.there, mode: 0o755)
      try await expect("as root there: rm \(Self.there)", "--install-qtctl")
      try await usage(desk)
    }
  }

  /// What cannot be asked of a host is wrong usage, before anything is connected.
  private func usage(_ desk: Site) async throws {
    for (words, told) in [
      (["status", "--host=-oProxyCommand=touch /root/evil"], "begins with '-'"),
      (["status", "--host", "a b"], "only letters"), (["status", "--host", "$(touch /root/evil)"], "only letters"),
      (["sign", PlainRelease.folder, "--key", "k", "--host", "host1"], "remove --host"),
      (["verify", "--manifest", PlainRelease.folder, "--host", "host1"], "--name NAME"),
      (["status", "--install-qtctl"], "add --host"), (["status", "--host", "a", "--host=b"], "names one host"),
      (["--host", "a", "status", "--host", "b"], "names one host"), (["status", "--host", "a:22"], "~/.ssh/config"),
    ] {
      let run = try await desk.machine.run(["qtctl"] + words)
      #expect(run.status == .exited(64) && run.stderr.contains(told), "\(words): \(run.stderr)")
    }
    try await desk.sh(
      "[ ! -e /root/evil ]; sed -i 's|source: plain.conf|source: ../outside|' \(PlainRelease.folder)/qtctl.yaml")
    let outside = try await desk.qtctl("deploy", PlainRelease.folder, "--host", "host1")
    #expect(outside.exit == 14 && outside.message.contains("alone travels"), "\(outside)")
  }

  @Test("and is hostile steers neither the terminal nor the program, which ends in time")
  func hostile() async throws {
    try await Fleet.with(name: "hostile", hosts: 1, isInstalled: false) { fleet in
      let (desk, host) = (fleet.desk, fleet.hosts[0])
      try await PlainRelease.write("1", .good, to: desk)
      for (name, script, exit) in Self.attacks {
        try await host.machine.write(Self.speaking(script), to: Self.there, mode: 0o755)
        let run = try await desk.machine.run(
          ["timeout", "20", "qtctl", "deploy", PlainRelease.folder, "--host", "host1", "--color", "never"],
          within: .seconds(40))
        #expect(
          run.status == .exited(exit), "\(name): \(run.status) \(run.stdout.prefix(300)) \(run.stderr.prefix(800))")
        let bytes = run.standardOutput + run.standardError
        #expect(!bytes.contains { $0 < 0x20 && $0 != 10 && $0 != 9 }, "\(name): \(run.stdout) \(run.stderr)")
        #expect(bytes.count < 1 << 20, "\(name)")
      }
      #expect(try await desk.sh("ls /root/stolen /etc/stolen 2>/dev/null || true") == "")
    }
  }

  private static let there = "/usr/local/bin/qtctl"
  private static let hello = "ready(); frame(1, hello('1.0.0')); take(2); "
  private static let accepted = hello + "frame(3, b'{\"files\":[]}'); take(5); frame(6); "
  private static let attacks: [(String, String, Int32)] = [
    ("escapes before the answer", "say(b'\\x1b]0;owned\\x07\\x1b[2J' * 9 + b'\\n'); sys.exit(1)", 40),
    ("noise without end", "[say(b'y' * 999 + b'\\n') for _ in range(10**6)]", 40),
    ("a line without end", "[say(b'y' * 9999) for _ in range(10**5)]", 40),
    ("escapes from ssh", "sys.stderr.write('\\x1b[2Jowned\\n'); sys.stderr.flush(); sys.exit(1)", 40),
    ("another protocol", "ready(); say(b'HTTP/1.1 200 OK\\r\\n\\r\\n' * 9)", 40),
    ("a version with escapes", "ready(); frame(1, hello('\\x1b[2J9'))", 40),
    ("a length beyond all", hello + "say(b'\\x03\\xff\\xff\\xff\\xff')", 40),
    ("a file that was not offered", hello + "frame(3, b'{\"files\":[0,99]}'); time.sleep(5)", 40),
    ("a place below zero", hello + "frame(3, b'{\"files\":[-1]}'); time.sleep(5)", 40),
    ("a refusal with escapes", hello + "frame(11, b'{\"exit\":14,\"text\":\"\\\\u001b[2Jno\"}')", 14),
    (
      "escapes in the output",
      accepted + "frame(7, b'\\x1b[31mred\\x1b]52;c;eA==\\x07\\n'); frame(8, b'\\x9b2J\\r\\x08'); end(7)", 7
    ),
    ("half a character", accepted + "frame(7, b'\\xf0\\x9f'); end(0)", 0),
    ("a file that nobody asked for", accepted + "frame(9, b'x' * 99); end(0)", 41),
    ("an end that is none", accepted + "frame(10, b'[]')", 41),
    ("a status beyond all", accepted + "frame(10, b'{\"exit\":99999}')", 41),
    ("silence", accepted + "time.sleep(1)", 41),
  ]

  /// A program in the place of qtctl on the host.
  private static func speaking(_ script: String) -> String {
    """
    #!/usr/bin/python3
    import json, struct, sys, time
    def say(data): sys.stdout.buffer.write(data); sys.stdout.buffer.flush()
    def ready(): say(b'\\nqtctl-host ready\\n')
    def frame(kind, data=b''): say(struct.pack('>BI', kind, len(data)) + data)
    def hello(version, protocol=2): return json.dumps({'protocolVersion': protocol, 'version': version}).encode()
    def take(kind):
        while True:
            head = sys.stdin.buffer.read(5)
            if len(head) < 5: sys.exit(0)
            got, length = struct.unpack('>BI', head)
            sys.stdin.buffer.read(length)
            if got == kind: return
    def end(status): frame(10, json.dumps({'exit': status}).encode())
    \(script)

    """
  }
}
