import Rehearsal
import Testing
import TestSupport

@Suite struct CommandTests {
  @Test func carriesInputOutputAndStatus() async throws {
    try await withMachine { machine in
      let output = try await machine.run(["sh", "-c", "cat; echo oops >&2; exit 7"], input: "to it\n")
      #expect(output.stdout == "to it\n")
      #expect(output.stderr == "oops\n")
      #expect(output.status == .exited(7))
    }
  }

  @Test func tellsASignalFromAStatusAndAMissingProgramFromBoth() async throws {
    try await withMachine { machine in
      let ended1 = try await machine.run(["sh", "-c", "kill -KILL $$"]).status
      #expect(ended1 == .signaled(9))
      let ended2 = try await machine.run(["no-such-program"]).status
      #expect(ended2 == .exited(127))
      let ended3 = try await machine.run(["/etc/hostname"]).status
      #expect(ended3 == .exited(126))
    }
  }

  @Test func carriesMegabytesBothWaysAndInputThatNobodyReads() async throws {
    try await withMachine { machine async throws in
      let bytes = [UInt8](repeating: 0x71, count: 5_000_000)
      #expect(try await machine.run(["cat"], input: bytes).standardOutput == bytes)
      #expect(try await machine.run(["true"], input: bytes).succeeded)
    }
  }

  @Test func givesACleanEnvironmentAndTheFolderAskedFor() async throws {
    try await withMachine { machine in
      let output = try await machine.run(["env"], environment: ["ASKED": "for it = yes"])
      let names = output.stdout.split(separator: "\n").compactMap { $0.split(separator: "=").first }
      #expect(Set(names) == ["PATH", "HOME", "LANG", "TERM", "USER", "LOGNAME", "PWD", "ASKED"])
      #expect(output.stdout.contains("ASKED=for it = yes\n"))
      #expect(try await machine.run(["pwd"], workingDirectory: "/var/lib/redis").stdout == "/var/lib/redis\n")
    }
  }

  @Test func passesArgumentsUntouched() async throws {
    try await withMachine { machine in
      let arguments = ["-n", "two words", "$HOME", "a'b\"c", "*", ""]
      let output = try await machine.run(["printf", "%s|"] + arguments)
      #expect(output.stdout == "-n|two words|$HOME|a'b\"c|*||")
    }
  }

  @Test func killsTheCommandAndItsChildrenAtTheDeadline() async throws {
    try await withMachine { machine async throws in
      let script = "setsid sleep 601 & trap '' TERM INT; sleep 602"
      await #expect(
        throws: MachineError.deadlineExceeded(command: "sh -c \(script)", .milliseconds(300))
      ) {
        try await machine.run(["sh", "-c", script], within: .milliseconds(300))
      }
      // systemd, which inherits what is killed with its parent, collects it in its own time.
      #expect(try await machine.run(["pgrep", "--runstates", "RSDT", "sleep"]).stdout.isEmpty)
    }
  }

  @Test func killsTheCommandWhenTheTaskIsCancelled() async throws {
    try await withMachine { machine in
      let task = Task { try await machine.run(["sleep", "603"]) }
      try await eventually("the command runs") { try await machine.run(["pgrep", "sleep"]).succeeded }
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      // systemd, which inherits what is killed with its parent, collects it in its own time.
      #expect(try await machine.run(["pgrep", "--runstates", "RSDT", "sleep"]).stdout.isEmpty)
    }
  }

  @Test func aBackgroundCommandCanBeSignalledAndAwaited() async throws {
    try await withMachine { machine in
      let script = "trap 'echo asked; exit 3' TERM; echo $$; while :; do sleep 0.01; done"
      let process = try await machine.spawn(["sh", "-c", script])
      let pid = try #require(process.pid)
      try await eventually("the shell has set its trap") {
        try await machine.run(["grep", "-q", "^SigCgt:.*[4-7c-f][0-9a-f]\\{3\\}$", "/proc/\(pid)/status"]).succeeded
      }
      process.terminate()
      let output = try await process.output(within: .seconds(10))
      #expect(output.status == .exited(3))
      #expect(output.stdout == "\(pid)\nasked\n")
    }
  }

  @Test func aBackgroundCommandCanBeKilledInTheMiddle() async throws {
    try await withMachine { machine in
      let process = try await machine.spawn(["sh", "-c", "sleep 604; echo never"])
      process.kill()
      let output = try await process.output(within: .seconds(10))
      #expect(output.status == .signaled(9))
      #expect(output.stdout.isEmpty)
    }
  }

  @Test func copiesAFileInWithItsModeOrTheOneAskedFor() async throws {
    try await TemporaryFolder.with { folder in
      let source = try folder.write("content", to: "tool", mode: 0o740)
      try await withMachine { machine in
        try await machine.copyIn(source, to: "/opt/new/folder/tool")
        try await machine.copyIn(source, to: "/opt/other", mode: 0o4755)
        #expect(try await machine.read("/opt/new/folder/tool") == Array("content".utf8))
        let modes = try await machine.run(["stat", "-c", "%a %U", "/opt/new/folder/tool", "/opt/other"])
        #expect(modes.stdout == "740 root\n4755 root\n")
      }
    }
  }

  @Test func copiesAFolderInAsItIs() async throws {
    try await TemporaryFolder.with { folder in
      try folder.write("one", to: "release/one")
      try folder.write("two", to: "release/deep/two", mode: 0o700)
      try await withMachine { machine in
        try await machine.copyIn(folder["release"], to: "/opt/release")
        #expect(try await machine.read("/opt/release/one") == Array("one".utf8))
        #expect(try await machine.run(["stat", "-c", "%a", "/opt/release/deep/two"]).stdout == "700\n")
      }
    }
  }

  @Test func saysWhichCommandOfItsOwnFailedAndWhy() async throws {
    try await withMachine { machine in
      await #expect(
        throws: MachineError.commandFailed(
          command: "cat -- /no/such", detail: "status 1: cat: /no/such: No such file or directory")
      ) {
        try await machine.read("/no/such")
      }
    }
  }
}
