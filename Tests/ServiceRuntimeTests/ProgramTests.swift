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

  @Test func executionSaysInItsStatusThatRedisLostItsData() async throws {
    try await TemporaryFolder.with { folder in
      let socket = try NotifySocket(at: folder["notify"])
      try await RedisServer.with(.init(appendOnly: false)) { server in
        let name = "quantum-execution"
        for start in 1...2 {
          let status = try await self.started(name, folder, server, socket.path) { process in
            var lines: [String] = []
            try await eventually("it is ready") {
              lines += socket.lines()
              return lines.contains("READY=1")
            }
            #expect(lines.contains { $0.hasPrefix("STATUS=Redis lost writes: ") } == (start == 2))
            kill(process, SIGTERM)
          }
          #expect(status == .exited(0))
          // Nothing of it is kept.
          server.kill()
          try server.start()
        }
      }
    }
  }

  /// It says that nothing moves, and no longer feeds the watchdog when that lasts; a repair is enough to go on.
  @Test(arguments: zip(names, ["xadd", "hset"]))
  func whatRedisRefusesIsSaidAndStarvesTheWatchdog(_ name: String, _ command: String) async throws {
    try await TemporaryFolder.with { folder in
      let socket = try NotifySocket(at: folder["notify"])
      try await RedisServer.with { server in
        let admin = try server.connect()
        try admin.call(["ACL", "SETUSER", "svc", "on", ">pw", "~*", "&*", "+@all"])
        let status = try await self.started(name, folder, server, socket.path, user: "svc:pw@") { process in
          try await eventually("it is ready") { socket.lines().contains("READY=1") }
          try admin.call(["ACL", "SETUSER", "svc", "-" + command])
          let isRouter = name == Self.names[0]
          let stream = isRouter ? "quantum:stream:ai.decision.made" : "quantum:stream:trade.intent"
          try admin.call(Command(["XADD", stream, "*"] + (isRouter ? Self.decision : Self.intent)))
          var lines: [String] = []
          try await eventually("it says that nothing moves") {
            lines += socket.lines()
            return lines.contains { $0.hasPrefix("STATUS=nothing moves since ") && $0.contains("NOPERM") }
          }
          try await Task.sleep(for: .seconds(2))
          _ = socket.lines()
          try await Task.sleep(for: .seconds(1))
          #expect(!socket.lines().contains("WATCHDOG=1"))
          try admin.call(["ACL", "SETUSER", "svc", "+" + command])
          lines = []
          try await eventually("it moves again and feeds the watchdog", within: .seconds(10)) {
            lines += socket.lines()
            return lines.contains("WATCHDOG=1") && lines.contains { $0.hasPrefix("STATUS=reading new entries, ") }
          }
          #expect(try admin.call(["XLEN", "quantum:stream:dead.letter"]) == .integer(0))
          kill(process, SIGTERM)
        }
        #expect(status == .exited(0))
      }
    }
  }

  private static let decision = [
    "event_type", "ai.decision.made", "payload",
    #"{"symbol":"BTCUSDT","side":"buy","confidence":1,"entry_price":1,"quantity":10,"leverage":1,"stop_loss":0,"#
      + #""take_profit":0,"timestamp":"2026-11-25T00:00:00Z","model":"m"}"#,
    "trace_id", "t-1", "correlation_id", "c", "timestamp", "2026-11-25T00:00:00Z", "source", "s",
  ]
  private static let intent = [
    "event_type", "trade.intent", "payload",
    #"{"symbol":"BTCUSDT","action":"BUY","confidence":1,"timestamp":"2026-11-25T00:00:00Z","position_size_usd":10,"#
      + #""leverage":1,"entry_price":1,"stop_loss":0,"take_profit":0,"source":"s"}"#,
    "trace_id", "t-1", "correlation_id", "c", "timestamp", "2026-11-25T00:00:00Z", "source", "s",
  ]

  /// A crash loop waits longer with every start; what it waits is said, and a stop ends it.
  @Test(arguments: names)
  func aCrashLoopSlowsDown(_ name: String) async throws {
    try await TemporaryFolder.with { folder in
      let socket = try NotifySocket(at: folder["notify"])
      try await RedisServer.with { server in
        server.kill()
        for start in 1...4 {
          _ = try await self.started(name, folder, server, socket.path, more: ["RUNTIME_DIRECTORY": folder.path]) {
            process in
            let expected = start < 3 ? "STATUS=waiting for Redis" : "STATUS=\(start - 1) starts in a row ended without"
            try await eventually("start \(start)") { socket.lines().contains { $0.hasPrefix(expected) } }
            kill(process, start < 4 ? SIGKILL : SIGTERM)
          }
        }
        _ = socket.lines()
        // Asked to stop, it has forgotten them.
        _ = try await self.started(name, folder, server, socket.path, more: ["RUNTIME_DIRECTORY": folder.path]) {
          process in
          try await eventually("a fresh start") { socket.lines().contains { $0.hasPrefix("STATUS=waiting for Redis") } }
          kill(process, SIGTERM)
        }
      }
    }
  }

  /// Starts a program, gives its process to `body`, and waits for its end. It is killed if `body` throws.
  private func started(
    _ name: String, _ folder: TemporaryFolder, _ server: RedisServer, _ notifySocket: String, user: String = "",
    more: [String: String] = [:], _ body: (pid_t) async throws -> Void
  ) async throws -> TerminationStatus {
    var environment = [
      "QUANTUM_REDIS": "unix://\(user)\(server.folder)/redis.sock", "NOTIFY_SOCKET": notifySocket,
      "WATCHDOG_USEC": "400000",
    ]
    if name == "quantum-execution" { environment["QUANTUM_STATE_DIRECTORY"] = folder.path }
    environment.merge(more) { $1 }
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
