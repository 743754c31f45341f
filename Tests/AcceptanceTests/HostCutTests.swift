import Foundation
import Glibc
import Rehearsal
import TestSupport
import Testing

/// How often each host's connection is cut in one run; QTCTL_CUTS=20 takes some minutes.
private let cuts = ProcessInfo.processInfo.environment["QTCTL_CUTS"].flatMap { Int($0) } ?? 4

@Suite("A deploy on another host whose connection is cut", .serialized)
struct HostCutTests {
  /// From the call to some time after it would be over.
  private static let course = Duration.milliseconds(2800)

  /// How a connection ends: whoever runs ssh loses it, the network refuses it, the host kills its side.
  private static let means: [@Sendable (Fleet) async throws -> Void] = [
    { fleet in try await fleet.desk.sh("pkill -KILL -f '^/usr/bin/ssh .*host1' || true") },
    { fleet in try await fleet.hosts[1].sh(reset) },
    { fleet in try await fleet.hosts[2].sh("pkill -KILL -f '^sshd: root' || true") },
  ]
  private static let reset = """
    nft add table inet cut; nft add chain inet cut in '{ type filter hook input priority 0; }'
    nft add rule inet cut in tcp dport 22 reject with tcp reset
    """

  @Test("goes on or has not begun, ends all old or all new, and attach tells which", .timeLimit(.minutes(10)))
  func cut() async throws {
    try await Fleet.with(name: "cut", hosts: 3) { fleet in
      var old = try await Self.deployFirst(fleet)
      var seen: [String: Int] = [:]
      for cut in 0..<cuts {
        // Every third release does not work, and is undone with nobody there.
        let isBroken = cut % 3 == 1
        try await PlainRelease.write("cut \(cut)", isBroken ? .dies : .good, to: fleet.desk)
        let runs = try await (1...3).asyncMap { number in
          try await fleet.desk.machine.spawn(["qtctl", "deploy", PlainRelease.folder, "--host", "host\(number)"])
        }
        try await Task.sleep(for: Self.course * cut / cuts + .milliseconds(150))
        for cut in Self.means { try await cut(fleet) }
        for (index, run) in runs.enumerated() {
          let output = try await run.output()
          try await fleet.hosts[index].sh("nft delete table inet cut 2>/dev/null || true")
          let now = try await Self.end(fleet, index, output, wasAt: old[index], isBroken: isBroken, &seen)
          old[index] = now
        }
      }
      print("cuts: \(seen.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))")
      #expect(seen.keys.contains { $0.hasPrefix("41") }, "no connection was cut while the deploy ran: \(seen)")
      try await Self.cutImport(fleet)
    }
  }

  /// What changes the host and stops no service goes on there as well.
  private static func cutImport(_ fleet: Fleet) async throws {
    let (desk, host) = (fleet.desk, fleet.hosts[0])
    try await PlainRelease.write("large", .good, extra: "files: [{source: blob, target: /opt/blob}]", to: desk)
    try await desk.sh("head -c 150M /dev/urandom >\(PlainRelease.folder)/blob")
    let deploy = try await desk.qtctl("deploy", PlainRelease.folder, "--host", "host1")
    let backup = try await desk.qtctl("backup", "--host", "host1")
    #expect(deploy.exit == 0 && backup.exit == 0, "\(deploy) \(backup)")
    let stamp = try #require(backup.stamp)
    try await desk.sh("qtctl backups export \(stamp) /root/backup.tar.zst --host host1")
    try await host.sh("rm -r \(PlainRelease.store)/\(stamp)")

    let run = try await desk.machine.spawn(["qtctl", "backups", "import", "/root/backup.tar.zst", "--host", "host1"])
    try await host.sh("until systemctl is-active -q 'qtctl-run-*'; do :; done; pkill -KILL -f '^sshd: root'")
    let output = try await run.output()
    #expect(output.status == .exited(41), "\(output.status) \(output.stdout)\(output.stderr)")
    #expect(output.stderr.contains("'backups import' goes on there without it"), "\(output.stderr)")
    let attach = try await desk.machine.run(["qtctl", "attach", "--host", "host1"])
    #expect(attach.succeeded && attach.stdout.contains("every byte proved"), "\(attach.stdout)\(attach.stderr)")
    let check = try await host.qtctl("backups", "check", stamp)
    #expect(check.exit == 0, "\(check)")
  }

  /// - Returns: the state of each host.
  private static func deployFirst(_ fleet: Fleet) async throws -> [[String: String]] {
    try await PlainRelease.write("first", .good, to: fleet.desk)
    var states: [[String: String]] = []
    for (index, host) in fleet.hosts.enumerated() {
      let run = try await fleet.desk.qtctl("deploy", PlainRelease.folder, "--host", "host\(index + 1)")
      #expect(run.exit == 0, "\(run)")
      states.append(try await host.state(of: PlainRelease.targets))
    }
    return states
  }

  /// Holds what the deploy's exit status and attach say against the host.
  private static func end(
    _ fleet: Fleet, _ index: Int, _ output: Machine.Output, wasAt old: [String: String], isBroken: Bool,
    _ seen: inout [String: Int]
  ) async throws -> [String: String] {
    let (host, name) = (fleet.hosts[index], "host\(index + 1)")
    guard case .exited(var status) = output.status else { throw SiteError(description: output.stderr) }
    var told = "\(status)"
    if status == 41 {
      let number = try #require(output.stderr.firstMatch(of: /qtctl attach ([0-9a-f]{12}) --host/)).1
      let attach = try await fleet.desk.machine.run(["qtctl", "attach", String(number), "--host", name])
      guard case .exited(let found) = attach.status else { throw SiteError(description: attach.stderr) }
      status = found
      told += " → \(found)"
      if found == 0 { #expect(attach.stdout.contains("verified"), "\(attach.stdout)\(attach.stderr)") }
      if found == 14 { #expect(attach.stderr.contains("has not begun on this host"), "\(attach.stderr)") }
    }
    seen[told, default: 0] += 1
    let now = try await host.state(of: PlainRelease.targets)
    switch status {
    case 0:
      #expect(
        !isBroken && now != old && Set(now.keys.filter { now[$0] == old[$0] }).isEmpty, "\(name): \(output.stderr)")
    case 14, 20, 40: #expect(now == old && (status != 20 || isBroken), "\(name) \(told): \(output.stderr)")
    default: Issue.record("\(name) ended with \(told): \(output.stdout)\(output.stderr)")
    }
    #expect(try await PlainRelease.running(host).hasSuffix("active"))
    #expect(try await host.sh("ls /var/lib/qtctl/transaction.jsonl 2>/dev/null || true") == "")
    return now
  }
}

extension Sequence {
  fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
    var values: [Value] = []
    for element in self { values.append(try await body(element)) }
    return values
  }
}
