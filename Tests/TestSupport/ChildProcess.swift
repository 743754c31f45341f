package import Glibc

/// A program that was started here, and that ends here at the latest: when this is released it is killed, and when this
/// process dies its standard input comes to an end, or the kernel kills it.
///
/// For one thread at a time.
package final class ChildProcess {
  package enum End: Sendable, Hashable {
    case exited(Int32)
    case killed(by: Int32)
  }

  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  package let pid: pid_t
  /// How it ended; nil while it lives, as far as `poll` and `wait` have seen.
  package private(set) var end: End?
  private let lifeline: Int32

  /// - Parameters:
  ///   - output: The file to which it writes, standard error included; appended to.
  ///   - diesWithThread: Kill it when the calling thread ends, for programs that do not look at their standard input.
  ///     Only for a thread that lives as long as the process does.
  package init(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], output: String = "/dev/null",
    diesWithThread: Bool = false
  ) throws {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure(description: "pipe: errno \(errno)") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own, since Ctrl-C is for the one that started it; and a mask as a service manager gives.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    let prefix = diesWithThread ? ["/usr/bin/setpriv", "--pdeathsig", "KILL"] : []
    let words = prefix + [path] + arguments
    let program = words[0]
    var pid: pid_t = 0
    let status = Self.withList(words) { words in
      Self.withList(environment.map { "\($0.key)=\($0.value)" }) { environment in
        posix_spawn(&pid, program, &actions, &attributes, words, environment)
      }
    }
    guard status == 0 else {
      close(ends[1])
      throw Failure(description: "cannot start '\(path)': \(String(cString: strerror(status)))")
    }
    self.pid = pid
    lifeline = ends[1]
  }

  deinit {
    kill()
    close(lifeline)
  }

  /// Sends a signal, unless the process has ended.
  package func signal(_ number: Int32) {
    if poll() == nil { _ = Glibc.kill(pid, number) }
  }

  /// Kills it and returns when it is gone.
  package func kill() {
    signal(SIGKILL)
    reap(blocking: true)
  }

  /// How it ended; nil while it lives.
  @discardableResult
  package func poll() -> End? {
    reap(blocking: false)
    return end
  }

  /// Waits for its end up to a time; nil when it still lives then.
  package func wait(upTo time: Duration) -> End? {
    let deadline = ContinuousClock.now + time
    while poll() == nil, ContinuousClock.now < deadline { usleep(2000) }
    return end
  }

  /// How long it has kept processors busy.
  package func cpuTime() throws -> Duration {
    guard let file = fopen("/proc/\(pid)/stat", "re") else {
      throw Failure(description: "process \(pid) is gone: errno \(errno)")
    }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = fread(&bytes, 1, bytes.count, file)
    let text = String(decoding: bytes.prefix(count), as: UTF8.self)
    // The name stands in brackets and may hold anything; utime and stime are the 12th and 13th field behind it.
    let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
    guard fields.count > 13, let user = Int(fields[12]), let system = Int(fields[13]) else {
      throw Failure(description: "/proc/\(pid)/stat is '\(text)'")
    }
    return .milliseconds((user + system) * 1000 / sysconf(Int32(_SC_CLK_TCK)))
  }

  private func reap(blocking: Bool) {
    guard end == nil else { return }
    var status: Int32 = 0
    var result: pid_t
    repeat { result = waitpid(pid, &status, blocking ? 0 : WNOHANG) } while result < 0 && errno == EINTR
    guard result == pid else { return }
    let signal = status & 0x7F
    end = signal == 0 ? .exited((status >> 8) & 0xFF) : .killed(by: signal)
  }

  private static func withList(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Int32
  ) -> Int32 {
    var list: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for text in list { free(text) } }
    return list.withUnsafeMutableBufferPointer { $0.baseAddress.map(body) ?? EINVAL }
  }
}
