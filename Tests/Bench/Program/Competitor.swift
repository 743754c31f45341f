import EventBus
import Glibc
import Redis
import Subprocess
import SystemPackage
import TestSupport

/// A router that is measured.
enum Competitor: String, CaseIterable {
  case router, minimal, python

  var title: String {
    switch self {
    case .router: "quantum-ai-strategy-router"
    case .minimal: "minimal C program, same script and batch"
    case .python: "Python, one message at a time"
    }
  }

  /// Runs the router on a server while `body` does, and ends it.
  func run<Answer: Sendable>(
    _ server: RedisServer, _ count: Int, _ body: (_ pid: pid_t) async throws -> Answer
  ) async throws -> Answer {
    let socket = server.folder + "/redis.sock"
    let script = server.folder + "/route-once.lua"
    try Self.write(RouteOnce.script.source, to: script)
    let (path, arguments): (String, [String]) =
      switch self {
      case .router: (Checkout.program("quantum-ai-strategy-router"), [])
      case .minimal: (Checkout.program("minimal-router"), [socket, script, "\(count)"])
      case .python: ("/usr/bin/python3", [Checkout.root + "/Tests/Bench/router.py", socket, "\(count)"])
      }
    return try await Subprocess.run(
      .path(FilePath(path)), arguments: Arguments(arguments),
      environment: .inherit.updating(["QUANTUM_REDIS": "unix://\(socket)"]), input: .none, output: .discarded,
      error: .discarded
    ) { execution in
      defer { kill(execution.processIdentifier.value, SIGTERM) }
      return try await body(execution.processIdentifier.value)
    }.closureResult
  }

  private static func write(_ text: String, to path: String) throws {
    let file = try FileDescriptor.open(
      FilePath(path), .writeOnly, options: [.create, .truncate], permissions: .ownerReadWrite)
    try file.closeAfter { _ = try file.writeAll(text.utf8) }
  }
}
