import Rehearsal
import TestSupport
import Testing

@Suite("A host that falls silent in the middle of a call", .serialized)
struct HostSilenceTests {
  /// Nothing is refused and nothing is answered: as where a cable is pulled, or a machine between forgets the connection.
  private static let silence = """
    nft add table inet cut; nft add chain inet cut in '{ type filter hook input priority 0; }'
    nft add rule inet cut in tcp dport 22 drop
    """
  /// ssh itself finds out nothing over a connection that it shares.
  private static let shared = """
    Host host1
      ControlMaster auto
      ControlPath /root/.ssh/%h
      ControlPersist yes

    """

  @Test("counts as lost half a minute later: with exit 41 and how to attach, or 40 where nothing had begun")
  func silence() async throws {
    try await Fleet.with(name: "silence", hosts: 3) { fleet in
      let (desk, hosts) = (fleet.desk, fleet.hosts)
      try await desk.machine.write(Self.shared, to: "/root/.ssh/config")
      // A command that only has nothing to say is not lost.
      try await PlainRelease.write("1", .good, extra: Self.hook(33), to: desk)
      let quiet = try await Self.deploy(to: "host3", from: desk)
      try await hosts[2].wait(for: Self.isRunning)
      try await PlainRelease.write("1", .good, extra: Self.hook(15), to: desk)
      let began = try await Self.deploy(to: "host1", from: desk)
      try await hosts[0].wait(for: Self.isRunning)
      try await hosts[0].sh(Self.silence)
      // More is left to be sent than fits into what lies between.
      try await desk.sh("head -c 100M /dev/urandom >\(PlainRelease.folder)/blob")
      let sends = try await Self.deploy(to: "host2", from: desk)
      try await hosts[1].sh(
        "until ls /var/lib/qtctl/received/.incoming-*/content/blob 2>/dev/null; do :; done\n\(Self.silence)")
      let start = ContinuousClock.now

      let (told, sent) = (try await began.output(), try await sends.output())
      #expect(ContinuousClock.now - start < .seconds(45), "\(ContinuousClock.now - start)")
      #expect(told.status == .exited(41), "\(told.status) \(told.stderr)")
      #expect(told.stderr.contains("nothing was heard from it for 30s"), "\(told.stderr)")
      #expect(sent.status == .exited(40), "\(sent.status) \(sent.stderr)")
      #expect(sent.stderr.contains("nothing was heard from it for 30s; 'deploy' had not begun"), "\(sent.stderr)")
      #expect(try await hosts[1].sh("ls /usr/local/bin/plain 2>/dev/null || true") == "")
      let last = try await quiet.output()
      #expect(last.succeeded, "\(last.status) \(last.stderr)")

      // The deploy knew nothing of it.
      try await hosts[0].sh("nft delete table inet cut")
      try await desk.sh("ssh -O exit host1 2>/dev/null || true; rm -f /root/.ssh/config /root/.ssh/host1")
      let number = try #require(told.stderr.firstMatch(of: /run: qtctl attach ([0-9a-f]{12}) --host host1/)).1
      let attach = try await desk.machine.run(["qtctl", "attach", String(number), "--host", "host1"])
      #expect(attach.succeeded && attach.stdout.contains("deployed and verified"), "\(attach.stdout)\(attach.stderr)")
      #expect(try await PlainRelease.running(hosts[0]) == "plain 1, active")
    }
  }

  private static func hook(_ seconds: Int) -> String {
    "hooks: {prepare: {run: [/usr/bin/sleep, \"\(seconds)\"]}}"
  }

  private static let isRunning = "systemctl is-active -q 'qtctl-run-*'"

  private static func deploy(to host: String, from desk: Site) async throws -> BackgroundProcess {
    try await desk.machine.spawn(["qtctl", "deploy", PlainRelease.folder, "--quiet", "--host", host])
  }
}
