import Glibc
import Rehearsal
import Testing

@testable import Verification

/// A throwaway machine has systemd and the two services, and runs `OnRealServices` of this very test program.
@Suite(.enabled(if: geteuid() == 0 && !RealServices.isHere))
struct ChecksOnRealServices {
  @Test(.timeLimit(.minutes(10)))
  func theChecksHoldOnRealServicesUnderARealSystemd() async throws {
    let program = try ProcessView.look(at: Int(getpid())).get().executable
    let built = program.split(separator: "/").dropLast().joined(separator: "/")
    let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
    let machine = try await Machine.boot(.init(name: "verification-tests", shown: ["/" + built]))
    do {
      for name in ["quantum-execution", "quantum-ai-strategy-router"] {
        try await machine.copyIn("/\(built)/\(name)", to: "/usr/local/bin/\(name)", mode: 0o755)
        try await machine.copyIn("/\(root)/units/\(name).service", to: "/etc/systemd/system/\(name).service")
        // The tests restart them more often than systemd bears from a service.
        try await machine.write(
          "[Unit]\nStartLimitIntervalSec=0\n", to: "/etc/systemd/system/\(name).service.d/often.conf")
      }
      for name in ["execution.env", "router.env"] {
        try await machine.copyIn("/\(root)/units/\(name)", to: "/etc/quantum/\(name)", mode: 0o640)
      }
      for arguments in [
        ["redis-cli", "CONFIG", "SET", "appendonly", "yes"], ["systemctl", "daemon-reload"],
        ["systemctl", "start", "quantum-execution", "quantum-ai-strategy-router"], ["touch", RealServices.marker],
      ] {
        let output = try await machine.run(arguments, within: .seconds(60))
        #expect(output.succeeded, "\(arguments): \(output.stdout)\(output.stderr)")
      }
      let output = try await machine.run(
        [program, "--testing-library", "swift-testing", "--filter", "VerificationTests.OnRealServices"],
        within: .seconds(560))
      let text = output.stdout + output.stderr
      #expect(output.succeeded, "\(output.status)\n\(text)")
      #expect(text.contains("Test run with \(RealServices.testCount) tests"), "\(text)")
      print(text.split(separator: "\n").filter { $0.contains("the probe:") || $0.hasPrefix("without:") })
    } catch {
      Issue.record(error)
    }
    await machine.powerOff()
  }
}
