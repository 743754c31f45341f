import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("The watch after a deploy")
struct WatchTests {
  @Test(
    "rolls back what dies, leaks, stops reading or becomes slow later; a reboot does not end it; load and foreign units do nothing",
    .timeLimit(.minutes(4)))
  func lastingFailures() async throws {
    let units = ["dbus.service", "redis-server.service", "timers.target"]
    try await Site.with(name: "watch", units: units) { site in
      // One without a vice, over a reboot.
      let (all, bad) = (["calm"] + WatchRelease.vices, WatchRelease.vices)
      try await Self.deploy("calm", "1", "--no-verify", to: site)
      let calm = try await Self.deploy("calm", "2", to: site)
      #expect(calm.message.contains("watched until"), "\(calm)")
      for name in bad { try await Self.deploy(name, "1", "--no-verify", to: site) }
      try await WatchRelease.looks("calm", atLeast: 1, on: site)
      let before = try await WatchRelease.looks("calm", on: site)
      try await site.machine.reboot(.powerCut)
      try await WatchRelease.feed(all, on: site)
      try await site.sh("systemd-run --quiet --unit=foreign -p Restart=always -p RestartSec=300ms false")
      for name in bad { try await Self.deploy(name, "2", to: site) }
      for name in bad { try await WatchRelease.looks(name, atLeast: 4, on: site) }
      #expect(try await site.sh("cat \(WatchRelease.alarm) 2>/dev/null || true").isEmpty)

      try await WatchRelease.turnBad(site)
      try await Self.deploy(WatchRelease.late, "1", "--no-verify", to: site)
      try await Self.deploy(WatchRelease.late, "2", to: site)
      for name in bad + [WatchRelease.late] {
        try await site.wait(
          for: "grep -q '\"kind\":\"rolled-back\"' \(WatchRelease.record(name))", within: .seconds(60))
      }
      let findings = [
        "dies": "unit.active dies.service", "leaks": "its memory grows without end", "deaf": "deaf.in",
        "slow": "it has become slow", "late": "more than the 300 ms of 'watch.slow'",
      ]
      let history = try await site.sh("cat /var/lib/qtctl/history.jsonl")
      for name in bad + [WatchRelease.late] {
        let state = try await site.sh(
          "head -n 1 /srv/\(name)/worker.py; systemctl is-active \(name); ls /etc/systemd/system | grep -c watch-\(name) || true"
        )
        #expect(state == "# 1\nactive\n0\n", "\(name)")
        let lines = history.split(separator: "\n").filter { $0.contains("\"name\":\"\(name)\"") }
        // Once, and last.
        #expect(lines.count { $0.contains("\"command\":\"rollback ") } == 1, "\(name)")
        #expect(lines.last?.contains(findings[name] ?? "?") == true, "\(name): \(lines.last ?? "")")
        let told = try await site.sh("grep -c '\"name\":\"\(name)\",\"outcome\":\"rolled-back\"' \(WatchRelease.alarm)")
        #expect(told == "1\n", "\(name)")
      }
      // The one that works has been watched all the time, in both boots.
      try await WatchRelease.looks("calm", atLeast: before + 8, on: site)
      let status = try await site.machine.run(["qtctl", "status", "--name", "calm"])
      #expect(status.succeeded && status.stdout.contains("nothing found"), "\(status.stdout)")
      #expect(try await site.sh("grep -c calm \(WatchRelease.alarm) || true") == "0\n")
      let units = try await site.sh("systemctl list-units --failed --plain --no-legend | grep -v foreign || true")
      #expect(units.isEmpty)
      let messages = try await site.sh(
        "journalctl --no-pager -o cat MESSAGE_ID=98cef587c52846a69cae09b81fc72ea6 | cut -d' ' -f1 | sort -u")
      #expect(messages.split(separator: "\n").map(String.init) == (bad + [WatchRelease.late]).sorted())
    }
  }

  @Test(
    "alarms once and says when it is over; rests while others change the host; ends with a newer transaction, or when told",
    .timeLimit(.minutes(2)))
  func course() async throws {
    try await Site.with(name: "watching", units: ["dbus.service"]) { site in
      let watch = "watch: {every: 1s, alarm: {run: [/bin/sh, -c, 'cat >>/var/log/told; echo >>/var/log/told']}}"
      try await PlainRelease.write("1", .good, extra: watch, to: site)
      #expect(try await site.qtctl("deploy", PlainRelease.folder).exit == 0)
      try await WatchRelease.looks("plain", atLeast: 1, on: site)
      let shown = try await site.qtctl("watch", "--name", "plain")
      #expect(shown.exit == 0 && shown.message.contains("plain is watched until"), "\(shown)")

      // It is killed: three looks, one alarm.
      try await site.sh("systemctl kill --signal=KILL \(PlainRelease.unit)")
      try await site.wait(for: "grep -q '\"isAlarmed\":true' \(WatchRelease.record("plain"))")
      let look = try await site.qtctl("watch", "--once", "--name", "plain")
      #expect(look.exit == 30 && look.checks.contains { $0.id == "unit.active" && $0.status == .fail }, "\(look)")
      let status = try await site.qtctl("status")
      #expect(status.exit == 3 && status.message.contains("looks of its watch in a row"), "\(status)")
      #expect(try await site.sh("grep -c 'unit.active plain.service' /var/log/told") == "1\n")
      #expect(try await site.sh("qtctl metrics | grep '^qtctl_watch_alarm'") == "qtctl_watch_alarm{name=\"plain\"} 1\n")
      // systemctl start, since qtctl's own would be in the history.
      try await site.sh("systemctl start \(PlainRelease.unit)")
      try await site.wait(for: "journalctl -o cat MESSAGE_ID=c40466a5a11b440b81c6764bf0ec4759 | grep -q 'well again'")

      // Somebody stops it with qtctl: nobody looks.
      #expect(try await site.qtctl("stop").exit == 0)
      let resting = try await site.qtctl("watch", "--once", "--name", "plain")
      #expect(resting.exit == 11 && resting.message.contains("stopped plain.service with qtctl"), "\(resting)")
      #expect(try await site.qtctl("start").exit == 0)

      // Another transaction has the host; when it is over, so is the watch.
      let hook = "hooks: {prepare: {run: [/bin/sh, -c, 'qtctl watch --once --name plain >/var/log/during 2>&1; :']}}"
      try await PlainRelease.write("2", .good, extra: hook, to: site)
      #expect(try await site.qtctl("deploy", PlainRelease.folder).exit == 0)
      #expect(try await site.sh("cat /var/log/during").contains("a transaction is in progress"))
      try await site.wait(for: "grep -q '\"kind\":\"superseded\"' \(WatchRelease.record("plain"))")
      try await site.wait(for: "[ -z \"$(ls /etc/systemd/system | grep qtctl-watch)\" ]")

      // Begun by hand, and ended.
      try await site.machine.write("[Timer]\nOnCalendar=daily\n", to: "/etc/systemd/system/qtctl-watch-plain.timer")
      let refused = try await site.qtctl("watch", "--name", "plain")
      #expect(refused.exit == 14 && refused.message.contains("qtctl-watch-plain"), "\(refused)")
      try await site.sh("rm /etc/systemd/system/qtctl-watch-plain.timer")
      let begun = try await site.qtctl("watch", "--for", "7d", "--name", "plain")
      #expect(begun.exit == 0 && begun.message.contains("on a lasting failure: alarm"), "\(begun)")
      #expect(try await site.sh("systemctl is-active qtctl-watch-plain.timer") == "active\n")
      #expect(try await site.qtctl("watch", "--stop", "--name", "plain").exit == 0)
      #expect(try await site.sh("ls /etc/systemd/system | grep -c qtctl-watch || true") == "0\n")
    }
  }

  @discardableResult
  private static func deploy(_ name: String, _ version: String, _ options: String..., to site: Site) async throws
    -> QtctlRun
  {
    try await WatchRelease.write(name, version, to: site)
    // A look that rolls back may have the lock.
    let run = try await site.qtctl(["deploy", "/root/\(name)", "--wait", "30s"] + options)
    #expect(run.exit == 0, "\(run)")
    return run
  }
}
