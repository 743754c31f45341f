import Glibc
import TestSupport

/// A program that is run to its end, with the time that it took.
enum Timed {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static let environment = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LANG=C.UTF-8", "TERM=dumb",
  ]
  /// What the last program said.
  private static let output = "/tmp/quantum-bench.output"

  /// Milliseconds from the start of a program to its end.
  ///
  /// - Throws: `Failure` with its last lines when its status is not 0.
  @discardableResult
  static func run(_ arguments: [String], environment own: [String: String] = [:]) throws -> Double {
    let variables =
      own.map { "\($0.key)=\($0.value)" } + environment.filter { own["\($0.prefix { $0 != "=" })"] == nil }
    let begun = ContinuousClock.now
    let pid = try Spawn.start(arguments, environment: variables) { actions in
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
      posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      posix_spawn_file_actions_adddup2(&actions, 1, 2)
    }
    var end: Int32 = 0
    while waitpid(pid, &end, 0) < 0, errno == EINTR {}
    let time = (ContinuousClock.now - begun) / .milliseconds(1)
    guard end == 0 else {
      let name = arguments.joined(separator: " ").prefix(200)
      throw Failure(description: "'\(name)' ended with \((end >> 8) & 0xFF): \(lastLines())")
    }
    return time
  }

  /// Runs a script of `sh` that sets something up. `$1` and on are the words.
  static func sh(_ script: String, _ words: String...) throws {
    try run(["/bin/sh", "-euc", script, "sh"] + words)
  }

  /// What the last program said.
  static func said() -> String {
    guard let file = fopen(output, "re") else { return "" }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  private static func lastLines() -> String {
    said().split(separator: "\n").suffix(6).joined(separator: " · ")
  }
}
