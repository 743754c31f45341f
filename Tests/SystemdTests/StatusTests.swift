import FoundationEssentials
import Systemd
import Testing

extension OnRealSystemd {
  struct Status {
    @Test func `the manager says what it is`() throws {
      let properties = try ServiceManager().properties()
      #expect(properties.version.split(separator: ".").first.flatMap { Int($0) } ?? 0 >= 252)
      #expect(properties.systemState == "running" || properties.systemState == "degraded")
      #expect(properties.unitPath.contains("/etc/systemd/system"))
    }

    @Test func `a status tells what a deployer and a verifier ask for`() throws {
      let variables = "/run/qtctl-test-\(TestUnit.unique()).env"
      try "A=1\n".write(toFile: variables, atomically: true, encoding: .utf8)
      defer { try? FileManager.default.removeItem(atPath: variables) }
      let sections = """
        [Unit]
        Description=Everything
        ConditionPathExists=/
        [Service]
        User=nobody
        Group=nogroup
        WorkingDirectory=/tmp
        Environment=B=2
        EnvironmentFile=\(variables)
        EnvironmentFile=-/nonexistent
        ExecStartPre=+/bin/true
        ExecStartPre=-/bin/false
        ExecStart=/bin/sleep infinity
        TimeoutStopSec=7
        TimeoutStartSec=infinity
        MemoryAccounting=yes
        """
      try TestUnit.with(sections) { unit throws in
        try unit.perform(.start)
        let status = try unit.status
        #expect(status.unit == unit.name)
        #expect(status.unitDescription == "Everything")
        #expect(status.loadState == .loaded)
        #expect(status.conditionResult == true)
        #expect(status.fragmentPath == unit.path)
        #expect(status.dropInPaths.isEmpty)
        #expect(status.serviceType == "simple")
        #expect(status.user == "nobody")
        #expect(status.group == "nogroup")
        #expect(status.dynamicUser == false)
        #expect(status.workingDirectory == "/tmp")
        #expect(status.environment == ["B=2"])
        #expect(
          status.environmentFiles == [
            EnvironmentFile(path: variables, isOptional: false),
            EnvironmentFile(path: "/nonexistent", isOptional: true),
          ])
        #expect(
          status.commands == [
            ExecCommand(
              directive: "ExecStartPre", path: "/bin/true", arguments: ["/bin/true"], flags: ["privileged"]),
            ExecCommand(
              directive: "ExecStartPre", path: "/bin/false", arguments: ["/bin/false"], flags: ["ignore-failure"]),
            ExecCommand(directive: "ExecStart", path: "/bin/sleep", arguments: ["/bin/sleep", "infinity"]),
          ])
        #expect(status.execStart.map(\.path) == ["/bin/sleep"])
        #expect(status.timeoutStop == .seconds(7))
        #expect(status.timeoutStart == nil)
        #expect(status.watchdog == nil)
        #expect(status.execMainPID == status.mainPID)
        #expect(status.execMainCode == nil)
        #expect(status.execMainStatus == nil)
        #expect(status.controlGroup?.hasSuffix(unit.name) == true)
        // Not known where the machine has no memory controller to give.
        #expect(status.memoryCurrent != 0)
        let entered = try #require(status.activeEnter)
        #expect(abs(Double(entered.realtime) / 1e6 - Date.now.timeIntervalSince1970) < 60)
        #expect(status.jobID == nil)
      }
    }

    @Test func `a changed unit file or drop-in asks for a reload`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        // systemd forgets a unit that is down, and reads its files again when it is asked for it.
        try unit.perform(.start)
        #expect(try !unit.status.needDaemonReload)
        let folder = unit.path + ".d"
        let dropIn = folder + "/a.conf"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try "[Unit]\nDescription=One\n".write(toFile: dropIn, atomically: true, encoding: .utf8)
        try unit.manager.daemonReload()
        #expect(try unit.status.dropInPaths == [dropIn])
        #expect(try unit.status.unitDescription == "One")
        #expect(try !unit.status.needDaemonReload)

        try "[Unit]\nDescription=Two\n".write(toFile: dropIn, atomically: true, encoding: .utf8)
        #expect(try unit.status.needDaemonReload)
        try unit.manager.daemonReload()
        #expect(try unit.status.unitDescription == "Two")

        try Sections.sleeper.write(toFile: unit.path, atomically: true, encoding: .utf8)
        #expect(try unit.status.needDaemonReload)
      }
    }

    @Test func `many units asked at once answer as each alone does, in their order`() throws {
      let manager = try ServiceManager()
      // More than are under way at once; units of several types, one that is not there, one that cannot be.
      let some = ["basic.target", "dbus.service", "dbus.socket", "-.mount", "qtctl-not-there.service"]
      let units = (0..<30).flatMap { _ in some }
      let statuses = try manager.statuses(of: units)
      #expect(statuses.map(\.unit) == units)
      #expect(statuses.last?.loadState == .notFound)
      #expect(statuses[1].mainPID == (try manager.status(of: "dbus.service")).mainPID)
      #expect(throws: SystemdError.self) { try manager.statuses(of: some + ["no type"]) }
      // What a refusal left behind does not disturb the next answers.
      #expect(try manager.statuses(of: some).map(\.unit) == some)
    }

    @Test func `what is read ahead is what would have been read, and one moment`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        let alone = (try unit.status, try unit.manager.unitFileState(of: unit.name))
        try unit.manager.atOneMoment(of: [unit.name, "no type", "dbus.service"]) {
          try unit.perform(.start)
          #expect(try unit.status.activeState == alone.0.activeState)
          #expect(try unit.manager.unitFileState(of: unit.name) == alone.1)
          #expect(throws: SystemdError.self) { try unit.manager.status(of: "no type") }
          #expect(try unit.manager.unitFileState(of: "qtctl-not-there.service") == .absent)
        }
        #expect(try unit.status.isActive)
      }
    }

    @Test func `a unit that is not a service has no process, rather than process 0`() throws {
      let status = try ServiceManager().status(of: "basic.target")
      #expect(status.isActive)
      #expect(status.mainPID == nil)
      #expect(status.nRestarts == nil)
      #expect(status.serviceType == nil)
    }

    @Test func `waiting for a state asks only when something changed`() throws {
      try TestUnit.with(Sections.oneshot("sleep 0.6", "RemainAfterExit=yes")) { unit throws in
        _ = try unit.manager.enqueue(.start, unit.name)
        var seen: [String] = []
        let active = try unit.wait { status in
          seen.append(status.activeState.rawValue)
          return status.isActive
        }
        #expect(active?.subState == "exited")
        #expect(seen.last == "active")
        // The job's own start and end may each be announced with the state or apart from it.
        #expect(seen.count <= 8, "\(seen)")
      }
    }

    @Test func `a state that does not come ends the waiting at the deadline`() throws {
      try TestUnit.with(Sections.sleeper) { unit throws in
        let took = try ContinuousClock().measure { () throws in
          #expect(try unit.wait(seconds: 0.3) { $0.isActive } == nil)
        }
        #expect(took >= .milliseconds(300) && took < .seconds(5))
        #expect(try unit.wait(seconds: 0) { !$0.isActive } != nil)
      }
    }
  }
}
