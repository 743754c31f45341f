import FoundationEssentials
import Glibc
import Rehearsal
import Testing

/// Where systemd is not PID 1, a throwaway machine has one, and runs `OnRealSystemd` of this very test program.
@Suite(.enabled(if: !RealSystemd.isBooted && geteuid() == 0 && ServiceRole.current == nil))
struct SystemdSuiteOnRealSystemd {
  @Test(.timeLimit(.minutes(5)))
  func `every test that needs systemd passes on a machine that has it`() async throws {
    let program = TestProgram.path
    let folder = program.split(separator: "/").dropLast().joined(separator: "/")
    let machine = try await Machine.boot(
      Machine.Configuration(name: "systemd-tests", units: ["dbus.service"], shown: ["/" + folder]))
    do {
      let output = try await machine.run(
        [program, "--testing-library", "swift-testing", "--filter", "SystemdTests.OnRealSystemd"],
        within: .seconds(240))
      let text = output.stdout + output.stderr
      #expect(output.succeeded, "\(output.status)\n\(text)")
      #expect(Self.passedTests(in: text) == RealSystemd.testCount, "\(text)")
    } catch {
      Issue.record(error)
    }
    await machine.powerOff()
  }

  /// The lines by which each passed test is told; suites and the run as a whole have no quotes.
  static func passedTests(in text: String) -> Int {
    text.split(separator: "\n").count { line in
      line.contains("Test \"") && line.contains(" passed after ") && !line.contains("Test case passing")
    }
  }
}
