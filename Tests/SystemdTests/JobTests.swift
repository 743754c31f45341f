import FoundationEssentials
import Glibc
import Testing

@testable import Systemd

extension OnRealSystemd {
  struct Jobs {
    @Test func `a started unit runs and a stopped one does not`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        #expect(try unit.perform(.start) == .done)
        let running = try unit.status
        #expect(running.isActive)
        #expect(running.subState == "running")
        let pid = try #require(running.mainPID)
        #expect(Glibc.kill(pid, 0) == 0)

        #expect(try unit.perform(.stop) == .done)
        let stopped = try unit.status
        #expect(stopped.activeState == .inactive)
        #expect(stopped.mainPID == nil)
      }
    }

    @Test func `starting what runs and stopping what is down are done at once`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        #expect(try unit.perform(.stop) == .done)
        try unit.perform(.start)
        let first = try unit.status.invocationID
        #expect(try unit.perform(.start) == .done)
        #expect(try unit.status.invocationID == first)
      }
    }

    @Test func `a restart is a new run`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        try unit.perform(.start)
        let before = try unit.status
        #expect(try unit.perform(.restart) == .done)
        let after = try unit.status
        #expect(after.mainPID != before.mainPID)
        #expect(after.invocationID != before.invocationID)
        #expect(after.invocationID?.count == 32)
        #expect(after.nRestarts == 0)
      }
    }

    @Test func `try-restart leaves a unit alone that is down`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        try unit.perform(.tryRestart)
        #expect(try unit.status.activeState == .inactive)
      }
    }

    @Test func `a reload runs what the unit says, and is refused where it says nothing`() throws {
      let marker = "/run/qtctl-test-\(TestUnit.unique())"
      defer { try? FileManager.default.removeItem(atPath: marker) }
      try TestUnit.with(Sections.sleeper + "ExecReload=/bin/touch \(marker)\n") { unit throws in
        try unit.perform(.start)
        #expect(try unit.status.canReload)
        #expect(try unit.perform(.reload) == .done)
        #expect(FileManager.default.fileExists(atPath: marker))
      }
      try TestUnit.with(Sections.sleeper) { unit throws in
        try unit.perform(.start)
        let error = #expect(throws: SystemdError.self) { try unit.perform(.reload) }
        guard case .refused(_, unit.name, "org.freedesktop.systemd1.JobTypeNotApplicable", _) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }

    @Test func `jobs that run side by side are waited for together`() throws {
      let manager = try ServiceManager()
      try TestUnit.with(Sections.oneshot("sleep 0.2"), manager: manager) { quick throws in
        try TestUnit.with(Sections.oneshot("false"), manager: manager) { failing throws in
          try TestUnit.with(Sections.oneshot("sleep 30"), manager: manager) { slow throws in
            let jobs = try [quick, failing, slow].map { try manager.enqueue(.start, $0.name) }
            let ended = try manager.wait(for: Array(jobs[...1]), until: .now + .seconds(30))
            #expect(ended == [jobs[0]: .done, jobs[1]: .failed])
            #expect(try manager.wait(for: [jobs[2]], until: .now + .seconds(0.1)).isEmpty)
            #expect(try slow.status.jobID == jobs[2].id)
          }
        }
      }
    }

    @Test func `jobs that are queued in one go have their results, whenever they end`() throws {
      let manager = try ServiceManager()
      try TestUnit.with(Sections.oneshot("true"), manager: manager) { quick throws in
        try TestUnit.with(Sections.sleeper, manager: manager) { running throws in
          try running.perform(.start)
          let missing = "qtctl-test-\(TestUnit.unique()).service"
          // What runs already is done before the answers are read.
          let queued = try manager.enqueue(.start, all: [running.name, missing, quick.name])
          #expect(queued.count == 3)
          guard case .failure(.noSuchUnit) = queued[1] else {
            Issue.record("\(queued[1])")
            return
          }
          let jobs = [try queued[0].get(), try queued[2].get()]
          #expect(jobs.map(\.unit) == [running.name, quick.name])
          #expect(try manager.wait(for: jobs, until: .now + .seconds(10)) == [jobs[0]: .done, jobs[1]: .done])
          #expect(try manager.enqueue(.stop, all: []).isEmpty)
        }
      }
    }

    @Test func `the states of units are read by one call, in their order`() throws {
      let manager = try ServiceManager()
      try TestUnit.with(Sections.sleeper, manager: manager) { running throws in
        try TestUnit.with(Sections.oneshot("false"), manager: manager) { failing throws in
          try running.perform(.start)
          try failing.perform(.start)
          let missing = "qtctl-test-\(TestUnit.unique()).service"
          #expect(
            try manager.activeStates(of: [failing.name, missing, running.name]) == [.failed, .inactive, .active])
          #expect(throws: SystemdError.self) { try manager.activeStates(of: [running.name, "no name of a unit"]) }
        }
      }
    }

    @Test func `a job that ended before it is waited for is not missed`() throws {
      try TestUnit.with(Sections.oneshot("true", "RemainAfterExit=yes")) { unit throws in
        let job = try unit.manager.enqueue(.start, unit.name)
        // Another connection sees the end; on this one its signal lies unread.
        let other = try ServiceManager()
        _ = try other.wait(for: unit.name, until: .now + .seconds(10)) { $0.jobID == nil && $0.isActive }
        #expect(try unit.manager.wait(for: [job], until: .now) == [job: .done])
      }
    }

    @Test func `a stop takes the place of a start that still runs`() throws {
      try TestUnit.with(Sections.oneshot("sleep 30")) { unit throws in
        let start = try unit.manager.enqueue(.start, unit.name)
        let stop = try unit.manager.enqueue(.stop, unit.name)
        let results = try unit.manager.wait(for: [start, stop], until: .now + .seconds(10))
        #expect(results == [start: .canceled, stop: .done])
      }
    }

    @Test(arguments: ["the system bus", "systemd's private socket"])
    func `jobs and changes are seen over either way to systemd`(way: String) throws {
      let bus =
        way == "the system bus"
        ? try BusConnection.openSystemBus(timeout: .seconds(5))
        : try BusConnection.openPrivateSocket(timeout: .seconds(5))
      let manager = try ServiceManager(timeout: .seconds(5), connection: bus)
      try TestUnit.with(Sections.sleeper, manager: manager) { unit throws in
        #expect(try unit.perform(.start) == .done)
        let job = try manager.enqueue(.stop, unit.name)
        #expect(try unit.wait { $0.activeState == .inactive } != nil)
        #expect(try manager.wait(for: [job], until: .now + .seconds(5)) == [job: .done])
      }
    }

    @Test func `after the connection broke, a job's end is still found out`() throws {
      let bus = try BusConnection.openSystemBus(timeout: .seconds(5))
      let manager = try ServiceManager(timeout: .seconds(5), connection: bus)
      try TestUnit.with(Sections.oneshot("true", "RemainAfterExit=yes"), manager: manager) { ended throws in
        let flag = "/run/qtctl-test-\(TestUnit.unique())"
        defer { try? FileManager.default.removeItem(atPath: flag) }
        let waiting = Sections.oneshot("until test -e \(flag); do sleep 0.05; done")
        try TestUnit.with(waiting, manager: manager) { running throws in
          let jobs = [try manager.enqueue(.start, ended.name), try manager.enqueue(.start, running.name)]
          _ = try ServiceManager().wait(for: ended.name, until: .now + .seconds(10)) { $0.isActive }
          bus.breakOff()
          // One job ended unseen, the other ends after the next call has connected anew.
          _ = try manager.properties()
          try "".write(toFile: flag, atomically: false, encoding: .utf8)
          let results = try manager.wait(for: jobs, until: .now + .seconds(10))
          #expect(results == [jobs[0]: .unknown, jobs[1]: .done])
        }
      }
    }
  }
}
