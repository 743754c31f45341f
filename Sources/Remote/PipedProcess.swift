internal import FileOperations
internal import Glibc
internal import SystemPackage

/// A program whose input and outputs are pipes of ours.
final class PipedProcess {
  let pid: pid_t
  /// Where it is written to.
  private(set) var input: Int32
  let output: Int32
  let errors: Int32
  private var end: Ending?

  /// - Parameters:
  ///   - words: the program, absolute, and its arguments.
  ///   - environment: `NAME=value`.
  ///   - sharesTerminal: whether it may ask at our terminal, and Ctrl-C there does not end it; else it is in a group of its
  ///     own.
  /// - Throws: `FileError`.
  init(_ words: [String], environment: [String], sharesTerminal: Bool) throws {
    var pipes: [(read: Int32, write: Int32)] = []
    defer { for pipe in pipes { for end in [pipe.read, pipe.write] where end >= 0 { close(end) } } }
    for _ in 0..<3 {
      var ends: [Int32] = [-1, -1]
      try Files.check("make", "pipe") { Int(pipe(&ends)) }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      pipes.append((ends[0], ends[1]))  // trap: an array of two
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    let ends = [pipes[0].read, pipes[1].write, pipes[2].write]  // trap: three were made
    for (number, end) in ends.enumerated() { posix_spawn_file_actions_adddup2(&actions, end, Int32(number)) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var (standard, none) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigemptyset(&standard)
    for signal in [SIGPIPE, SIGHUP, SIGTERM] + (sharesTerminal ? [] : [SIGINT]) { sigaddset(&standard, signal) }
    posix_spawnattr_setsigdefault(&attributes, &standard)
    posix_spawnattr_setsigmask(&attributes, &none)
    let flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (sharesTerminal ? 0 : POSIX_SPAWN_SETPGROUP)
    posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))
    // What is ignored when it begins stays ignored by ssh(1).
    if sharesTerminal { Glibc.signal(SIGINT, SIG_IGN) }
    let (program, variables) = (words.map { strdup($0) } + [nil], environment.map { strdup($0) } + [nil])
    defer { for text in program + variables { free(text) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, words.first ?? "", &actions, &attributes, program, variables)
    guard failure == 0 else {
      throw FileError(operation: "start", path: words.first ?? "", errno: .init(rawValue: failure))
    }
    pid = child
    (input, output, errors) = (pipes[0].write, pipes[1].read, pipes[2].read)  // trap: three were made
    _ = fcntl(input, F_SETFL, O_WRONLY | O_NONBLOCK)
    pipes = ends.map { ($0, -1) }
  }

  deinit {
    closeInput()
    close(output)
    close(errors)
    guard ended() == nil else { return }
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  func signal(_ number: Int32) {
    if ended() == nil { kill(pid, number) }
  }

  func closeInput() {
    if input >= 0 { close(input) }
    input = -1
  }

  /// How it ended; `nil` while it runs.
  func ended() -> Ending? {
    guard end == nil else { return end }
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == pid else { return nil }
    let signal = status & 0x7f
    end = signal == 0 ? Ending(exit: (status >> 8) & 0xff) : Ending(exit: nil, signal: signal)
    return end
  }

  /// How it ends within a time; `nil` where it still runs then.
  func ended(within limit: Duration) -> Ending? {
    let deadline = ContinuousClock.now + limit
    while ended() == nil, ContinuousClock.now < deadline { poll(nil, 0, 10) }
    return ended()
  }
}

extension PipedProcess {
  /// Which of these can be read, or have come to their end, within so many milliseconds.
  static func readable(_ files: [Int32], within milliseconds: Int32) -> Set<Int32> {
    var watched = files.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&watched, nfds_t(watched.count), milliseconds) > 0 else { return [] }
    return Set(watched.filter { $0.revents != 0 }.map(\.fd))
  }

  /// Writes what fits now of these bytes, or waits so many milliseconds until something fits or there is something to read.
  ///
  /// - Parameter answers: where what is read comes from; -1: nowhere.
  /// - Returns: how many bytes were written, and whether there is something to read.
  /// - Throws: `FileError` where nobody reads any more.
  func write(_ bytes: ArraySlice<UInt8>, answers: Int32, within milliseconds: Int32) throws -> (Int, isAnswered: Bool) {
    var watched = [
      pollfd(fd: input, events: Int16(POLLOUT), revents: 0), pollfd(fd: answers, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&watched, nfds_t(watched.count), milliseconds) > 0 else { return (0, false) }
    let isAnswered = watched.last?.revents != 0
    guard watched.first?.revents != 0 else { return (0, isAnswered) }
    let count = bytes.withUnsafeBytes { Glibc.write(input, $0.baseAddress, $0.count) }
    guard count < 0 else { return (count, isAnswered) }
    guard errno == EAGAIN || errno == EINTR else {
      throw FileError(operation: "write", path: "connection", errno: .init(rawValue: errno))
    }
    return (0, isAnswered)
  }

  /// Writes all of it.
  ///
  /// - Throws: `FileError` where nobody reads any more, or nothing is taken within the time.
  func writeAll(_ bytes: [UInt8], within milliseconds: Int32) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let (count, _) = try write(rest, answers: -1, within: milliseconds)
      guard count > 0 else { throw FileError(operation: "write", path: "connection", errno: .timedOut) }
      rest = rest.dropFirst(count)
    }
  }

  /// The next bytes; `nil` at the end.
  static func bytes(of file: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = read(file, &buffer, buffer.count)
      if count > 0 { return Array(buffer.prefix(count)) }
      if count < 0, errno == EINTR { continue }
      return nil
    }
  }
}
