import Rehearsal
import Testing
import TestSupport

@Suite struct MachineTests {
  @Test func bootsRealSystemdWithRedisAndTheSystemBusUp() async throws {
    try await withMachine { machine async throws in
      #expect(try await machine.run(["cat", "/proc/1/comm"]).stdout == "systemd\n")
      #expect(try await machine.run(["systemctl", "is-system-running"]).stdout == "running\n")
      #expect(try await machine.run(["busctl", "status", "org.freedesktop.systemd1"]).succeeded)
      #expect(try await machine.run(["redis-cli", "PING"]).stdout == "PONG\n")
      #expect(await machine.state == .running)
    }
  }

  @Test func hasAnIdentityOfItsOwn() async throws {
    try await withMachine(.init(name: "own-name")) { machine in
      #expect(try await machine.run(["hostname"]).stdout == "own-name\n")
      let identity = try await machine.run(["cat", "/etc/machine-id"]).stdout
      #expect(identity.utf8.count == 33)
      let host = try Machine.hostText("/etc/machine-id")
      #expect(identity != host)
      #expect(try await machine.run(["ls", "/var/log/journal"]).stdout == identity)
    }
  }

  @Test func redisKeepsWhatItIsGivenAndStartsEmpty() async throws {
    try await withMachine { machine in
      #expect(try await machine.run(["redis-cli", "DBSIZE"]).stdout == "0\n")
      #expect(try await machine.run(["redis-cli", "CONFIG", "GET", "appendonly"]).stdout == "appendonly\nyes\n")
      let policy = try await machine.run(["redis-cli", "CONFIG", "GET", "maxmemory-policy"])
      #expect(policy.stdout == "maxmemory-policy\nnoeviction\n")
    }
  }

  @Test func reachesNothingButItsOwnLoopback() async throws {
    try await withMachine { machine in
      #expect(try await machine.run(["ls", "/sys/class/net"]).stdout == "lo\n")
      let ended1 = try await machine.run(["ping", "-c1", "-W1", "127.0.0.1"]).status
      #expect(ended1 != .exited(2))
      #expect(try await machine.run(["redis-cli", "-h", "::1", "PING"]).stdout == "PONG\n")
    }
  }

  @Test func isNotHeldUpByWhatItsManagerReports() async throws {
    try await withMachine { machine async throws in
      // After 5 s systemd reports a job that runs three times a second; a full socket would stop its PID 1 at the tenth.
      let slow = ["systemd-run", "--unit=slow", "--property=Type=oneshot", "sleep", "16"]
      #expect(try await machine.run(slow, within: .seconds(30)).succeeded)
      #expect(try await machine.run(["systemctl", "show", "slow"], within: .seconds(5)).succeeded)
    }
  }

  @Test func runsNoTimerOfTheHost() async throws {
    try await withMachine { machine in
      let timers = try await machine.run(["systemctl", "list-timers", "--no-legend"])
      #expect(timers.stdout.isEmpty)
    }
  }

  @Test func itsJournalAnswersByUnitAndField() async throws {
    try await withMachine { machine in
      let unit = ["systemd-run", "--unit=speaks", "--wait", "--property=Type=exec", "echo", "said in the machine"]
      #expect(try await machine.run(unit).succeeded)
      try await eventually("the line is in the journal") {
        try await machine.run(["journalctl", "-u", "speaks", "-o", "cat"]).stdout.contains("said in the machine")
      }
    }
  }

  @Test func runsServicesWithTheirSandboxInForce() async throws {
    try await withMachine { machine in
      let properties = [
        "DynamicUser=yes", "PrivateUsers=yes", "ProtectSystem=strict", "ProtectHome=yes", "PrivateTmp=yes",
        "PrivateDevices=yes", "ProtectKernelTunables=yes", "ProtectControlGroups=yes", "NoNewPrivileges=yes",
        "SystemCallFilter=@system-service", "RestrictNamespaces=yes", "MemoryDenyWriteExecute=yes",
      ]
      let unit = ["systemd-run", "--wait", "--pipe"] + properties.map { "--property=\($0)" }
      let written = try await machine.run(unit + ["touch", "/etc/forbidden"])
      #expect(!written.succeeded)
      #expect(written.stderr.contains("Read-only file system"))
      #expect(try await machine.run(unit + ["id", "-u"]).stdout != "0\n")
    }
  }

  @Test func aWriteInsideIsSeenInsideAndNeverOnTheHost() async throws {
    try await withMachine { machine in
      let before = try Machine.hostText("/etc/hosts")
      try await machine.write("inside\n", to: "/etc/hosts")
      try await machine.write("inside\n", to: "/var/lib/qtctl-rehearsal-test/deep/file")
      try await machine.accomplish(["rm", "/etc/os-release"])
      #expect(try await machine.read("/etc/hosts") == Array("inside\n".utf8))
      let ended2 = try await machine.run(["test", "-e", "/etc/os-release"]).status
      #expect(ended2 == .exited(1))
      #expect(try Machine.hostText("/etc/hosts") == before)
      #expect(throws: (any Error).self) { try Machine.hostText("/var/lib/qtctl-rehearsal-test/deep/file") }
      #expect(try Machine.hostText("/etc/os-release").contains("ID="))
    }
  }

  @Test func twoOfOneNameDoNotSeeEachOther() async throws {
    try await withMachine { first in
      try await withMachine { second in
        try await first.accomplish(["redis-cli", "SET", "whose", "first"])
        try await second.accomplish(["redis-cli", "SET", "whose", "second"])
        try await first.write("first", to: "/etc/whose")
        #expect(try await first.run(["redis-cli", "GET", "whose"]).stdout == "first\n")
        #expect(try await second.run(["redis-cli", "GET", "whose"]).stdout == "second\n")
        let ended3 = try await second.run(["cat", "/etc/whose"]).status
        #expect(ended3 == .exited(1))
        #expect(try await second.run(["pgrep", "-c", "redis-server"]).stdout == "1\n")
        await second.powerOff()
        #expect(try await first.run(["redis-cli", "PING"]).stdout == "PONG\n")
      }
    }
  }

  @Test(arguments: [Machine.Shutdown.orderly, .powerCut])
  func bootsAgainOverTheSameFiles(_ shutdown: Machine.Shutdown) async throws {
    try await withMachine { machine in
      try await machine.write("kept", to: "/etc/kept")
      try await machine.write("lost", to: "/run/lost")
      try await machine.accomplish(["redis-cli", "SET", "kept", "yes"])
      let boot = try await machine.read("/proc/sys/kernel/random/boot_id")
      let sleeper = try await machine.spawn(["sleep", "600"])
      let identity = try await machine.read("/etc/machine-id")
      try await machine.reboot(shutdown)
      #expect(try await machine.read("/etc/machine-id") == identity)
      _ = try await sleeper.output(within: .seconds(5))
      #expect(try await machine.read("/etc/kept") == Array("kept".utf8))
      let ended4 = try await machine.run(["test", "-e", "/run/lost"]).status
      #expect(ended4 == .exited(1))
      #expect(try await machine.run(["redis-cli", "GET", "kept"]).stdout == "yes\n")
      #expect(try await machine.run(["pgrep", "sleep"]).stdout.isEmpty)
      #expect(try await machine.read("/proc/sys/kernel/random/boot_id") != boot)
      #expect(await machine.state == .running)
    }
  }

  @Test func showsAFolderOfTheHostReadOnly() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("from the host", to: "file")
      try await withMachine(.init(shown: [folder.path])) { machine in
        #expect(try await machine.read(folder["file"]) == Array("from the host".utf8))
        let written = try await machine.run(["touch", folder["other"]])
        #expect(written.stderr.contains("Read-only file system"))
      }
    }
  }
}
