import FoundationEssentials
import Glibc
import Systemd
import Testing

extension OnRealSystemd {
  struct FailingUnits {
    @Test func `a unit that exits with an error fails its start and says how`() throws {
      try TestUnit.with(Sections.oneshot("exit 3")) { unit throws in
        #expect(try unit.perform(.start) == .failed)
        let status = try unit.status
        #expect(status.activeState == .failed)
        #expect(status.result == "exit-code")
        #expect(status.execMainCode == 1)
        #expect(status.execMainStatus == 3)
        #expect(status.mainPID == nil)
      }
    }

    @Test func `a unit whose program does not exist fails its start`() throws {
      try TestUnit.with("[Service]\nType=exec\nExecStart=/nonexistent/program\n") { unit throws in
        #expect(try unit.perform(.start) == .failed)
        #expect(try unit.status.execMainStatus == 203)
      }
    }

    @Test func `a unit that ignores SIGTERM keeps its stop waiting until it is killed`() throws {
      try TestUnit.with(Sections.stubborn) { unit throws in
        #expect(try unit.perform(.start) == .done)
        let clock = ContinuousClock()
        let took = clock.measure {
          let error = #expect(throws: SystemdError.self) { try unit.perform(.stop, within: .milliseconds(300)) }
          #expect(error == .timedOut(operation: "stop", subject: unit.name))
        }
        #expect(took >= .milliseconds(300) && took < .seconds(5))
        #expect(try unit.status.subState == "stop-sigterm")

        #expect(try unit.manager.kill(unit.name, signal: SIGKILL))
        let down = try #require(try unit.wait { $0.activeState.isDown })
        #expect(down.result == "signal")
        #expect(down.execMainStatus == SIGKILL)
      }
    }

    @Test func `a stop that waits for a stubborn unit is done once it is killed`() throws {
      try TestUnit.with(Sections.stubborn) { unit throws in
        try unit.perform(.start)
        let stop = try unit.manager.enqueue(.stop, unit.name)
        #expect(try unit.manager.wait(for: [stop], until: .now + .milliseconds(200)).isEmpty)
        #expect(try unit.manager.kill(unit.name, signal: SIGKILL))
        #expect(try unit.manager.wait(for: [stop], until: .now + .seconds(10)) == [stop: .done])
      }
    }

    @Test func `killing a unit without processes says that there were none`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        #expect(try !unit.manager.kill(unit.name, signal: SIGKILL, whom: .main))
        try unit.perform(.start)
        #expect(try unit.manager.kill(unit.name, signal: SIGKILL, whom: .main))
      }
    }

    @Test func `a unit that was started too often starts again after reset-failed`() throws {
      let limit = "[Unit]\nStartLimitBurst=2\nStartLimitIntervalSec=1h\n"
      try TestUnit.with(limit + Sections.sleeper) { unit throws in
        #expect(try unit.perform(.restart) == .done)
        #expect(try unit.perform(.restart) == .done)
        #expect(try unit.perform(.restart) == .failed)
        #expect(try unit.status.result == "start-limit-hit")

        try unit.manager.resetFailed(unit.name)
        #expect(try unit.status.activeState == .inactive)
        #expect(try unit.perform(.start) == .done)
      }
    }

    @Test func `automatic restarts are counted until reset-failed`() throws {
      let restarting = "[Service]\nExecStart=/bin/sh -c 'exit 1'\nRestart=always\nRestartSec=10ms\n"
      try TestUnit.with("[Unit]\nStartLimitIntervalSec=0\n" + restarting) { unit throws in
        try unit.perform(.start)
        #expect(try unit.wait { $0.nRestarts ?? 0 >= 3 } != nil)
        try unit.perform(.stop)
        try unit.manager.resetFailed(unit.name)
        #expect(try unit.status.nRestarts == 0)
      }
    }

    @Test func `what a failing unit is required for does not start`() throws {
      try TestUnit.with(Sections.oneshot("false")) { failing throws in
        let needs = "[Unit]\nRequires=\(failing.name)\nAfter=\(failing.name)\n"
        try TestUnit.with(needs + Sections.sleeper, manager: failing.manager) { unit throws in
          #expect(try unit.perform(.start) == .dependency)
        }
      }
    }

    @Test func `a unit that does not exist is no error to look at and one to start`() throws {
      let manager = try ServiceManager()
      let name = "qtctl-test-nowhere.service"
      let status = try manager.status(of: name)
      #expect(status.loadState == .notFound)
      #expect(status.unit == name)
      #expect(status.activeState == .inactive)
      #expect(status.invocationID == nil)
      #expect(status.mainPID == nil)
      #expect(status.fragmentPath == nil)
      #expect(status.unitFileState == .absent)
      #expect(try manager.unitFileState(of: name) == .absent)
      #expect(throws: SystemdError.noSuchUnit(name)) { try manager.perform(.start, name, within: .seconds(5)) }
      #expect(throws: SystemdError.noSuchUnit(name)) { try manager.perform(.stop, name, within: .seconds(5)) }
      try manager.resetFailed(name)
    }

    @Test func `a unit file that makes no sense is a bad setting`() throws {
      try TestUnit.with("[Service]\nType=simple\n") { unit throws in
        #expect(try unit.status.loadState == .badSetting)
        let error = #expect(throws: SystemdError.self) { try unit.perform(.start) }
        guard case .refused(_, unit.name, "org.freedesktop.systemd1.BadUnitSetting", _) = error else {
          Issue.record("\(String(describing: error))")
          return
        }
      }
    }
  }
}
