import Glibc
import Redis
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The programs as systemd starts them.
@Suite(.timeLimit(.minutes(2))) struct ProgramTests {
  static let names = ["quantum-ai-strategy-router", "quantum-execution"]

  @Test(arguments: names)
  func theVersionComesWithABuildID(_ name: String) async throws {
    let (status, output, _) = try await run(name, ["--version"])
    #expect(status == .exited(0))
    #expect(output.wholeMatch(of: /quantum-[a-z-]+ \d+\.\d+\.\d+ \(build id [0-9a-f]+\)\n/) != nil)
  }

  @Test(arguments: names)
  func aCheckSaysWhetherTheSettingsAreValid(_ name: String) async throws {
    let good = try await run(name, ["--check"])
    #expect(good.status == .exited(0))
    #expect(good.output == "\(name): the configuration is valid\n")
    let bad = try await run(name, ["--check"], ["QUANTUM_BATCH": "many"])
    #expect(bad.status == .exited(1))
    #expect(bad.error == "\(name): QUANTUM_BATCH is 'many', should be a whole number from 1 to 1000\n")
  }

  @Test(arguments: names)
  func withAWrongSettingItDoesNotStart(_ name: String) async throws {
    let (status, _, error) = try await run(name, [], ["QUANTUM_REDSI": "redis://127.0.0.1"])
    #expect(status == .exited(78))
    #expect(error.hasPrefix("\(name): QUANTUM_REDSI is not a setting of this service; there are QUANTUM_BATCH, "))
  }

  @Test(arguments: names)
  func itIsReadyWhenRedisIsAndFeedsTheWatchdogAndStopsWhenAsked(_ name: String) async throws {
    try await TemporaryFolder.with { folder in
      let socket = try NotifySocket(at: folder["notify"])
      try await RedisServer.with { server in
        server.kill()
        let path = try await self.started(name, folder, server, socket.path) { process in
          // Without Redis it waits, alive and not ready.
          var lines: [String] = []
          try await eventually("it waits for Redis and feeds the watchdog") {
            lines += socket.lines()
            return lines.contains("WATCHDOG=1") && lines.contains { $0.hasPrefix("STATUS=waiting for Redis: ") }
          }
          #expect(!lines.contains("READY=1"))
          try server.start()
          try await eventually("it is ready") {
            lines = socket.lines()
            return lines.contains("READY=1")
          }
          // And again without Redis: it neither ends nor loses its place.
          server.kill()
          try await eventually("it waits again") {
            socket.lines().contains { $0.hasPrefix("STATUS=waiting for Redis: ") }
          }
          try server.start()
          try await eventually("it is back") { socket.lines().contains { $0.hasPrefix("STATUS=own pending") } }
          kill(process, SIGTERM)
        }
        #expect(path == .exited(0))
      }
    }
  }

  @Test func executionOnARedisThatLostItsDataGoesOnAndSaysSoInItsStatus() async throws {
    try await TemporaryFolder.with { folder in
      let socket = try NotifySocket(at: folder["notify"])
      try await RedisServer.with(.init(appendOnly: false)) { server in
        let name = "quantum-execution"
        _ = try await self.started(name, folder, server, socket.path) { process in
          try await eventually("it is ready") { socket.lines().contains("READY=1") }
          kill(process, SIGTERM)
        }
        // Nothing of it is kept.
        server.kill()
        try server.start()
        let status = try await self.started(name, folder, server, socket.path) { process in
          try await eventually("it says so") {
            socket.lines().contains { $0.hasPrefix("STATUS=Redis lost writes: its mark '") }
          }
          kill(process, SIGTERM)
        }
        #expect(status == .exited(0))
      }
    }
  }

  /// Starts a program, gives its process to `body`, and waits for its end. It is killed if `body` throws.
  private func started(
    _ name: String, _ folder: TemporaryFolder, _ server: RedisServer, _ notifySocket: String,
    _ body: (pid_t) async throws -> Void
  ) async throws -> TerminationStatus {
    var environment = [
      "QUANTUM_REDIS": "unix://\(server.folder)/redis.sock", "NOTIFY_SOCKET": notifySocket, "WATCHDOG_USEC": "400000",
    ]
    if name == "quantum-execution" { environment["QUANTUM_STATE_DIRECTORY"] = folder.path }
    let result = try await Subprocess.run(
      .path(Self.path(of: name)), environment: .custom(Self.variables(environment)), input: .none, output: .discarded,
      error: .discarded
    ) { execution in
      let process = execution.processIdentifier.value
      do {
        try await body(process)
      } catch {
        kill(process, SIGKILL)
        throw error
      }
    }
    return result.terminationStatus
  }

  private func run(
    _ name: String, _ arguments: [String], _ environment: [String: String] = [:]
  ) async throws -> (status: TerminationStatus, output: String, error: String) {
    let result = try await Subprocess.run(
      .path(Self.path(of: name)), arguments: Arguments(arguments), environment: .custom(Self.variables(environment)),
      output: .string(limit: 1 << 16), error: .string(limit: 1 << 16))
    return (result.terminationStatus, result.standardOutput, result.standardError)
  }

  private static func variables(_ all: [String: String]) -> [Environment.Key: String] {
    Dictionary(uniqueKeysWithValues: all.map { (Environment.Key(stringLiteral: $0.key), $0.value) })
  }

  /// Beside the program that runs the tests.
  private static func path(of name: String) -> FilePath {
    var bytes = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &bytes, bytes.count - 1)
    let own = FilePath(String(decoding: bytes.prefix(max(0, count)).map(UInt8.init(bitPattern:)), as: UTF8.self))
    return own.removingLastComponent().appending(name)
  }
}
