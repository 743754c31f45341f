import Rehearsal
import TestSupport
import Testing

@Suite("What qtctl gives to other programs")
struct OtherProgramsTests {
  private static let prometheus = "/var/lib/prometheus/node-exporter"

  @Test("is JSON as docs/qtctl-result.schema.json says, of every command", .timeLimit(.minutes(3)))
  func documents() async throws {
    let schema = try JSONSchema("docs/qtctl-result.schema.json", isClosed: true)
    try await Site.with(name: "documents") { site in
      func document(_ words: String..., exit: Int32 = 0) async throws {
        let run = try await site.machine.run(["qtctl"] + words + ["--json"], within: .seconds(60))
        #expect(run.status == .exited(exit), "\(words): \(run.status) \(run.stderr)")
        let violations = try schema.violations(ofDocument: Array(run.standardOutput))
        #expect(violations.isEmpty, "\(words): \(violations) \(run.stdout.prefix(2000))")
      }
      let folder = PlainRelease.folder
      try await PlainRelease.write("1", .good, to: site)
      try await document("lint", folder)
      try await document("deploy", folder, "--dry-run")
      try await document("deploy", folder)
      try await document("deploy", folder)
      for words in [["status"], ["verify"], ["backup"], ["history"], ["metrics"], ["recover"], ["logs"]] {
        let run = try await site.machine.run(["qtctl"] + words + ["--json"], within: .seconds(60))
        #expect(run.succeeded, "\(words): \(run.stderr)")
        #expect(try schema.violations(ofDocument: Array(run.standardOutput)) == [], "\(words): \(run.stdout)")
      }
      try await document("restart", PlainRelease.unit)
      try await document("watch", "--for", "1h")
      try await document("status")
      try await document("watch", "--once")
      try await document("watch", "--stop")
      try await document("doctor", exit: 30)
      let groups = try await Self.statusOfGroups(site)
      #expect(groups.contains("\"oldestPendingSeconds\"") && groups.contains("\"skipped\""), "\(groups)")
      #expect(try schema.violations(ofDocument: Array(groups.utf8)) == [], "\(groups)")
      try await site.sh("echo by hand >> /etc/plain/plain.conf")
      try await document("deploy", folder, exit: 13)
      try await PlainRelease.write("2", .dies, to: site)
      try await document("deploy", folder, "--accept-drift", exit: 20)
      try await document("deploy", folder, "--accept-drift", exit: 14)
      try await document("backups", "list")
      let stamp = try await site.sh("ls \(PlainRelease.store) | tail -n 1").split(separator: "\n").joined()
      try await document("history", stamp)
      for verb in ["show", "check", "diff", "cursors", "pin"] { try await document("backups", verb, stamp) }
      try await document("backups", "prune", "--dry-run")
      try await document("rollback", "20200101_000000", exit: 10)
      try await site.sh("rm \(folder)/plain; sed -i 's/unit: plain/unti: plain/' \(folder)/qtctl.yaml")
      try await document("lint", folder, exit: 14)
    }
  }

  /// The status of a manifest whose group has a pending entry.
  private static func statusOfGroups(_ site: Site) async throws -> String {
    let manifest = """
      name: groups
      services: [{unit: plain.service}]
      verify:
        groups: [{stream: s, group: g}]
        duplicates: {unit: plain.service, terminal: {unit: plain.service}}

      """
    try await site.machine.write(manifest, to: "/root/groups/qtctl.yaml")
    try await site.sh(
      "redis-cli XGROUP CREATE s g 0 MKSTREAM; redis-cli XADD s '*' a b; redis-cli XREADGROUP GROUP g me STREAMS s '>'")
    return try await site.machine.run(
      ["qtctl", "status", "--json", "--manifest", "/root/groups"], within: .seconds(30)
    ).stdout
  }

  @Test("is a Prometheus text file after each transaction, in a folder that another user owns")
  func metrics() async throws {
    try await Site.with(name: "metrics") { site in
      try await PlainRelease.deploy("1", to: site)
      #expect(try await site.sh("ls /var/lib/prometheus 2>/dev/null || true") == "")
      try await site.sh("mkdir -p \(Self.prometheus); chown -R nobody /var/lib/prometheus")
      try await site.sh("ln -s /etc/passwd \(Self.prometheus)/qtctl.prom")
      try await PlainRelease.write("2", .dies, to: site)
      #expect(try await site.qtctl("deploy", PlainRelease.folder).exit == 20)
      let text = try await site.sh("cat \(Self.prometheus)/qtctl.prom")
      #expect(
        text.contains("qtctl_transactions_total{command=\"deploy\",name=\"plain\",outcome=\"undone\"} 1\n"), "\(text)")
      #expect(text.contains("qtctl_last_transaction_exit_status{name=\"plain\"} 20\n"), "\(text)")
      #expect(try await site.sh("stat -c '%F %a' \(Self.prometheus)/qtctl.prom") == "regular file 644\n")
      #expect(try await site.sh("grep -c qtctl /etc/passwd || true") == "0\n")
      #expect(try await site.sh("ls -A \(Self.prometheus)") == "qtctl.prom\n")

      let shown = try await site.sh("qtctl metrics")
      #expect(shown.contains("qtctl_unit_active{name=\"plain\",unit=\"plain.service\"} 1\n"), "\(shown)")
      for page in [text, shown] { #expect(try await Self.faults(page, site) == "") }

      try await site.sh("rm \(Self.prometheus)/qtctl.prom; QTCTL_METRICS=off qtctl backup -q")
      #expect(try await site.sh("ls -A \(Self.prometheus)") == "")
      try await site.sh("QTCTL_METRICS=/root/own.prom qtctl backup -q; test -s /root/own.prom")
      let wrong = try await site.sh("QTCTL_METRICS=own qtctl backup 2>&1")
      #expect(wrong.contains("is not the absolute path of a .prom file"), "\(wrong)")
    }
  }

  /// What promtool finds; where `make setup` could not get it, what the format's grammar forbids.
  private static func faults(_ page: String, _ site: Site) async throws -> String {
    let lines = page.split(separator: "\n")
    let sample = #/[a-z_]+(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? -?[0-9.e+-]+/#
    let wrong = lines.filter {
      !$0.hasPrefix("# HELP ") && !$0.hasPrefix("# TYPE ") && $0.wholeMatch(of: sample) == nil
    }
    guard wrong.isEmpty, Set(lines).count == lines.count else { return "\(wrong)" }
    let script = "tool=\(Checkout.root)/.build/tools/promtool; [ ! -x \"$tool\" ] || exec \"$tool\" check metrics 2>&1"
    let result = try await site.machine.run(["sh", "-c", script], input: page, within: .seconds(20))
    return result.stdout + result.stderr
  }

  @Test("are entries of the journal with ids that its catalog explains")
  func journal() async throws {
    try await Site.with(name: "events") { site in
      try await PlainRelease.deploy("1", to: site)
      try await PlainRelease.write("2", .dies, to: site)
      #expect(try await site.qtctl("deploy", PlainRelease.folder, "--reason", "why not").exit == 20)
      let fields = "QTCTL_COMMAND,QTCTL_OUTCOME,QTCTL_EXIT,MESSAGE_ID,PRIORITY"
      let entries = try await site.sh(
        "journalctl -q --sync; journalctl -q -o export --output-fields=\(fields) SYSLOG_IDENTIFIER=qtctl")
      let ids = entries.split(separator: "\n").filter { $0.hasPrefix("MESSAGE_ID=") }.map { $0.dropFirst(11) }
      #expect(
        ids == [
          "4b8a6b2c03ec4cc5bee2eaaa348cf26c", "a958b6b25d0249d0930c06738baf57be", "4b8a6b2c03ec4cc5bee2eaaa348cf26c",
          "873230bee26344b5a31a3fddaf6c3a9f",
        ], "\(entries)")
      #expect(entries.contains("QTCTL_OUTCOME=undone\n") && entries.contains("QTCTL_EXIT=20\n"), "\(entries)")
      try await site.machine.copyIn(
        Checkout.root + "/packaging/qtctl.catalog", to: "/usr/lib/systemd/catalog/qtctl.catalog", mode: 0o644)
      let explained = try await site.sh(
        "journalctl --update-catalog; journalctl -q --catalog -n 1 SYSLOG_IDENTIFIER=qtctl")
      #expect(explained.contains("A transaction of plain failed and was undone"), "\(explained)")
      #expect(explained.contains("Defined-By: qtctl"), "\(explained)")
      let known = try await site.sh("journalctl --list-catalog | grep -c ' qtctl: '")
      #expect(known == "10\n")
    }
  }
}
