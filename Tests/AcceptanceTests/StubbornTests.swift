import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("Stubborn services")
struct StubbornTests {
  private static let rollback = ["rollback", "--manifest", StubbornRelease.folder]

  @Test("two that ignore SIGTERM are rolled back to verified health in seconds, and never past a short deadline")
  func deaf() async throws {
    try await Site.with(name: "deaf") { site in
      let good = StubbornRelease(version: "1", services: [.good("one"), .good("two")])
      let deaf = StubbornRelease(version: "2", services: [.deaf("one"), .deaf("two")])
      for release in [good, deaf] {
        let run = try await release.deploy(to: site)
        #expect(run.exit == 0, "\(run)")
      }
      let back = try await site.qtctl(Self.rollback)
      #expect(back.exit == 0 && back.outcome == .rolledBack && back.seconds < 30, "\(back)")
      let stop = try #require(back.steps.first { $0.name == "stop two.service, one.service" })
      #expect(stop.detail.contains("did not end after SIGTERM and was killed"), "\(stop)")
      // Both had their three seconds at once.
      #expect(stop.seconds > 2.5 && stop.seconds < 5.5, "\(stop)")

      #expect(try await deaf.deploy(to: site).exit == 0)
      let hurried = try await site.qtctl(Self.rollback + ["--deadline", "5s"])
      #expect(hurried.exit == 0 && hurried.outcome == .rolledBack && hurried.seconds < 5, "\(hurried)")
      for name in ["one", "two"] {
        #expect(try await StubbornRelease.running(name, site) == "\(name) 1 active, 0\n")
      }
    }
  }

  @Test("that cannot be brought back in time: the files are back, and it is said what did not become ready")
  func tooLate() async throws {
    try await Site.with(name: "too-late") { site in
      var slow = StubbornRelease.Service.good("one")
      slow.program = "sleep 2; " + slow.program
      for (version, service) in [("1", slow), ("2", .deaf("one"))] {
        let run = try await StubbornRelease(version: version, services: [service]).deploy(to: site)
        #expect(run.exit == 0, "\(run)")
      }
      let back = try await site.qtctl(Self.rollback + ["--deadline", "2s"])
      #expect(back.exit == 21 && back.outcome == .failed && back.seconds < 3.5, "\(back)")
      for word in ["start one.service", "did not become ready", "qtctl status"] {
        #expect(back.message.contains(word), "\(back)")
      }
      #expect(try await site.sh("sed -n 2p /usr/local/bin/one") == "# 1\n")
    }
  }

  @Test("that crash, loop or go away fail a deploy, which goes back; nothing of them still runs")
  func unwanted() async throws {
    try await Site.with(name: "unwanted") { site in
      let good = try await StubbornRelease(version: "1", services: [.good("one")]).deploy(to: site)
      #expect(good.exit == 0, "\(good)")
      for (service, words) in Self.bad {
        let bad = try await StubbornRelease(version: "2", services: [service], stable: "7s").deploy(to: site)
        #expect(bad.exit == 20 && bad.outcome == .undone, "\(bad)")
        #expect(bad.message.contains(words), "\(bad)")
        #expect(bad.seconds < 20, "\(bad)")
        #expect(try await StubbornRelease.running("one", site) == "one 1 active, 0\n")
      }
    }
  }

  private static let bad: [(StubbornRelease.Service, String)] = [
    // Inside the window of seven seconds.
    (.init(name: "one", unit: notify, program: "systemd-notify --ready; sleep 5; exit 1"), "unit.stable one.service"),
    (
      .init(name: "one", unit: "Type=exec\nRestart=always\nRestartSec=100ms", program: "sleep 0.5; exit 1"),
      "one.service"
    ),
    // Its main process goes and leaves one that ignores SIGTERM.
    (
      .init(
        name: "one", unit: "Type=simple\nRemainAfterExit=no",
        program: "(trap '' TERM; while :; do sleep 1; done) & sleep 2"), "one.service"
    ),
  ]
  private static let notify = "Type=notify\nNotifyAccess=all"

  @Test("that fork, leave their parent, their session or even their control group are gone after a rollback")
  func leaving() async throws {
    try await Site.with(name: "leaving") { site in
      let loop = "trap '' TERM; while :; do sleep 1; done"
      let forks = StubbornRelease.Service(
        name: "one", unit: "Type=forking", program: "[ \"$1\" != on ] || { \(loop); }\nsetsid \"$0\" on &")
      // systemd knows it by its file alone.
      let leaves = StubbornRelease.Service(
        name: "two", unit: "Type=forking\nPIDFile=/run/two.pid",
        program: """
          if [ "$1" = on ]; then
            mkdir -p /sys/fs/cgroup/away
            echo $$ > /sys/fs/cgroup/away/cgroup.procs
            echo $$ > /run/two.pid
            \(loop)
          fi
          rm -f /run/two.pid
          setsid "$0" on &
          while [ ! -s /run/two.pid ]; do sleep 0.1; done
          """)
      let good = StubbornRelease(version: "1", services: [.good("one"), .good("two")], stop: "2s")
      #expect(try await good.deploy(to: site).exit == 0)
      let gone = try await StubbornRelease(version: "2", services: [forks, leaves], stop: "2s").deploy(to: site)
      #expect(gone.exit == 0, "\(gone)")
      for name in ["one", "two"] {
        #expect(try await StubbornRelease.running(name, site) == "\(name) 2 active, 1\n")
      }
      let back = try await site.qtctl(Self.rollback)
      #expect(back.exit == 0, "\(back)")
      for name in ["one", "two"] {
        #expect(try await StubbornRelease.running(name, site) == "\(name) 1 active, 0\n")
      }
    }
  }

  @Test("one that reached its start limit is deployed over; one whose ExecStopPost hangs is stopped all the same")
  func limitAndStopPost() async throws {
    try await Site.with(name: "start-limit") { site in
      let first = try await StubbornRelease(version: "1", services: [.good("one")]).deploy(to: site)
      #expect(first.exit == 0, "\(first)")
      try await site.sh("for n in 1 2 3 4 5; do systemctl restart one || true; done")
      #expect(try await site.sh("systemctl show -P Result one") == "start-limit-hit\n")
      var hanging = StubbornRelease.Service.deaf("one")
      hanging.unit += "\nExecStopPost=/bin/sh -c \"trap '' TERM; sleep 60\""
      let second = try await StubbornRelease(version: "2", services: [hanging], stop: "1s").deploy(to: site)
      #expect(second.exit == 0, "\(second)")
      let third = try await StubbornRelease(version: "3", services: [.good("one")], stop: "1s").deploy(to: site)
      #expect(third.exit == 0 && third.seconds < 10, "\(third)")
      #expect(try await StubbornRelease.running("one", site) == "one 3 active, 0\n")
    }
  }
}
