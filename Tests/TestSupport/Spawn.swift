package import Glibc

/// posix_spawn(3) with the mask of signals that a service manager or a shell gives: with SIGCHLD blocked, asyncio and gevent
/// wait for their children for ever.
package enum Spawn {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// - Parameters:
  ///   - words: the program, looked for in `PATH` where it has no slash, and its arguments.
  ///   - flags: of posix_spawnattr_setflags(3).
  ///   - files: says what the three standard descriptors are.
  package static func start(
    _ words: [String], environment: [String], flags: Int32 = 0, files: (inout posix_spawn_file_actions_t) -> Void
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    files(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | flags))
    var pid: pid_t = 0
    let program = words.first ?? ""
    let status = withList(words) { words in
      withList(environment) { posix_spawnp(&pid, program, &actions, &attributes, words, $0) }
    }
    guard status == 0 else {
      throw Failure(description: "cannot start '\(program)': \(String(cString: strerror(status)))")
    }
    return pid
  }

  private static func withList(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    var list: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for text in list { free(text) } }
    return list.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) ?? EINVAL }
  }
}
