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
    let prefix = diesWithThread ? ["/usr/bin/setpriv", "--pdeathsig", "KILL"] : []
    do {
      // A group of its own, since Ctrl-C is for the one that started it.
      pid = try Spawn.start(
        prefix + [path] + arguments, environment: environment.map { "\($0.key)=\($0.value)" },
        flags: POSIX_SPAWN_SETPGROUP
      ) { actions in
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
      }
    } catch {
      close(ends[1])
      throw error
    }
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
}
