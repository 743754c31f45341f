import TestSupport

/// A router that is measured.
struct Contender {
  let name: String
  /// So many decisions are routed in one round.
  let count: Int
  /// Starts it: at the port of a Redis, for so many decisions.
  let start: (_ port: UInt16, _ count: Int) throws -> ChildProcess

  /// - Parameter program: Its path; nil: the one beside this program.
  static func swift(_ count: Int, program: String? = nil) -> Contender {
    Contender(name: program ?? "quantum-ai-strategy-router", count: count) { port, _ in
      try ChildProcess(
        program ?? BuiltProgram.path(of: "quantum-ai-strategy-router"),
        environment: ["QUANTUM_REDIS": "redis://127.0.0.1:\(port)"])
    }
  }

  /// - Parameter script: The file with the script that the router of the house runs.
  static func c(_ count: Int, script: String) -> Contender {
    Contender(name: "minimal C over hiredis", count: count) { port, count in
      try ChildProcess(BuiltProgram.path(of: "quantum-c-router"), ["\(port)", script, "64", "\(count)"])
    }
  }

  static func python(_ count: Int, script: String) -> Contender {
    Contender(name: "Python, one at a time", count: count) { port, count in
      try ChildProcess("/usr/bin/python3", [script, "\(port)", "\(count)"])
    }
  }
}
