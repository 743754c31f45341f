internal import EventBus
internal import Redis
internal import TestSupport

/// A program that is measured in an `Arena`.
package struct BusProgram: Sendable {
  package let name: String
  /// So many entries are one backlog.
  package let count: Int
  /// Whether it reads what an arena publishes, and does not bring its own.
  let readsSource: Bool
  /// Starts it, for so many entries.
  let start: @Sendable (_ arena: Arena, _ count: Int) throws -> ChildProcess

  /// The file in an arena's folder in which it says why it ended.
  static let output = "output"

  init(
    _ name: String, _ count: Int, readsSource: Bool = true,
    start: @escaping @Sendable (_ arena: Arena, _ count: Int) throws -> ChildProcess
  ) {
    (self.name, self.count, self.readsSource, self.start) = (name, max(1, count), readsSource, start)
  }

  /// The router of this build.
  ///
  /// - Parameter program: The path of another build's; nil: the one beside this program.
  package static func router(_ count: Int, program: String? = nil) -> BusProgram {
    BusProgram(program ?? "router", count) { arena, _ in
      try ChildProcess(
        program ?? BuiltProgram.path(of: "quantum-ai-strategy-router"),
        environment: ["QUANTUM_REDIS": "redis://127.0.0.1:\(arena.port)"])
    }
  }

  /// The minimal C program over hiredis, which runs the script of the router of this build.
  package static func cRouter(_ count: Int) -> BusProgram {
    BusProgram("C", count) { arena, count in
      let script = try arena.folder.write(RouteOnce.script.source, to: "route-once.lua")
      return try ChildProcess(
        BuiltProgram.path(of: "quantum-c-router"), ["\(arena.port)", script, "64", "\(count)"],
        output: arena.folder[output])
    }
  }

  /// redis-py under asyncio, one message at a time.
  package static func pythonRouter(_ count: Int) -> BusProgram {
    python("Python", count, "/usr/bin/python3", PythonRouter.plain)
  }

  /// - Parameter python: The command that runs a Python with FastStream.
  package static func fastStreamRouter(_ count: Int, python interpreter: String) -> BusProgram {
    python("FastStream", count, interpreter, PythonRouter.fastStream)
  }

  /// Execution of this build at its paper exchange.
  ///
  /// - Parameter program: The path of another build's; nil: the one beside this program.
  package static func execution(_ count: Int, program: String? = nil) -> BusProgram {
    BusProgram(program ?? "execution", count) { arena, _ in
      try ChildProcess(
        program ?? BuiltProgram.path(of: "quantum-execution"),
        environment: [
          "QUANTUM_REDIS": "redis://127.0.0.1:\(arena.port)", "QUANTUM_EXCHANGE": "paper",
          "STATE_DIRECTORY": arena.folder.path,
        ])
    }
  }

  /// A consumer in Python that leaves the same in Redis and on the disk.
  package static func pythonExecution(_ count: Int) -> BusProgram {
    python("Python", count, "/usr/bin/python3", PythonExecution.source)
  }

  private static func python(
    _ name: String, _ count: Int, _ interpreter: String, _ source: String
  ) -> BusProgram {
    BusProgram(name, count) { arena, count in
      let script = try arena.folder.write(source, to: "program.py")
      return try ChildProcess(
        interpreter, [script, "\(arena.port)", "\(count)", arena.folder.path], output: arena.folder[output])
    }
  }
}
