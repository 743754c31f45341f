internal import CLinux
internal import Glibc
internal import SystemPackage

/// Runs a program that may be anything: one that hangs, that prints without end, that closes its output, or leaves others
/// behind. Nothing of that can hold up the caller beyond the program's deadline.
package struct BoundedProgram {
  package enum End: Sendable, Hashable {
    case exited(Int)
    case signaled(Int)
    case late
  }

  /// The program, absolute, and its arguments.
  package var command: [String]
  package var folder: String
  /// `NAME=value`.
  package var environment: [String]
  package var input: [UInt8]

  /// From SIGTERM to SIGKILL at the deadline.
  private static let grace = Duration.seconds(2)
  private static let slice: Int32 = 20

  package init(_ command: [String], in folder: String, environment: [String], input: [UInt8]) {
    self.command = command
    self.folder = folder
    self.environment = environment
    self.input = input
  }

  /// - Parameters:
  ///   - check: asked again and again; what it throws ends the program and is thrown on.
  ///   - signal: signals whatever the program has started, beside its process group.
  /// - Returns: how it ended, and the first and the last part of what it printed.
  /// - Throws: `FileError` when it could not be started.
  package func run(
    within limit: Duration, check: () throws -> Void, signal: (Int32) -> Void
  ) throws -> (end: End, output: String) {
    let stdin = try MemoryFile(input)
    var ends: [Int32] = [-1, -1]
    try Files.check("make", "pipe") { Int(pipe(&ends)) }
    let (readEnd, writeEnd) = (ends[0], ends[1])  // trap: an array of two
    defer { close(readEnd) }
    _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let child = start(input: stdin.descriptor.rawValue, output: writeEnd)
    let failure = Errno(rawValue: errno)
    close(writeEnd)
    guard child > 0 else { throw FileError(operation: "start", path: command.first ?? "", errno: failure) }
    var output = CappedOutput()
    /// Everything of it that still lives.
    func signalAll(_ number: Int32) {
      kill(-child, number)
      signal(number)
    }
    do {
      var end = try wait(for: child, readEnd, &output, until: .now + limit, check)
      if end == nil {
        signalAll(SIGTERM)
        _ = try wait(for: child, readEnd, &output, until: .now + Self.grace) {}
        end = .late
      }
      signalAll(SIGKILL)
      reap(child, readEnd, &output)
      return (end ?? .late, output.text)
    } catch {
      signalAll(SIGKILL)
      reap(child, readEnd, &output)
      throw error
    }
  }

  private func start(input: Int32, output: Int32) -> pid_t {
    // Each ends with nil, so that neither is empty.
    let arguments = command.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for copy in arguments + variables { free(copy) } }
    return qtctl_start(folder, arguments, variables, input, output)
  }

  /// - Returns: how the program ended; `nil` when it had not by then.
  private func wait(
    for child: pid_t, _ pipe: Int32, _ output: inout CappedOutput, until deadline: ContinuousClock.Instant,
    _ check: () throws -> Void
  ) throws -> End? {
    var isOpen = true
    while true {
      var status: Int32 = 0
      if waitpid(child, &status, WNOHANG) == child { return Self.end(status) }
      if deadline <= .now { return nil }
      try check()
      var watched = pollfd(fd: isOpen ? pipe : -1, events: Int16(POLLIN), revents: 0)
      poll(&watched, 1, Self.slice)
      if isOpen { isOpen = Self.read(pipe, &output) }
    }
  }

  /// Takes a killed child off the list of processes. One that hangs in the kernel is left to it.
  private func reap(_ child: pid_t, _ pipe: Int32, _ output: inout CappedOutput) {
    let deadline = ContinuousClock.now + .seconds(2)
    while waitpid(child, nil, WNOHANG) == 0, ContinuousClock.now < deadline { poll(nil, 0, Self.slice) }
    _ = Self.read(pipe, &output)
  }

  /// Takes what has been printed so far; whether more may come. Of what is printed without a pause, a part at a time.
  private static func read(_ pipe: Int32, _ output: inout CappedOutput) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    for _ in 0..<64 {
      let count = Glibc.read(pipe, &buffer, buffer.count)
      if count == 0 { return false }
      guard count > 0 else { return errno == EAGAIN || errno == EINTR }
      output.append(buffer.prefix(count))
    }
    return true
  }

  private static func end(_ status: Int32) -> End {
    let signal = status & 0x7f
    return signal == 0 ? .exited(Int((status >> 8) & 0xff)) : .signaled(Int(signal))
  }
}

/// The beginning and the end of what is printed; what lies between them is counted.
package struct CappedOutput {
  private let most: Int
  private var head: [UInt8] = []
  private var tail: [UInt8] = []
  private var left = 0

  /// - Parameter most: how many bytes are kept of the beginning, and of the end.
  package init(most: Int = 128 << 10) { self.most = most }

  package mutating func append(_ bytes: ArraySlice<UInt8>) {
    let first = bytes.prefix(max(0, most - head.count))
    head += first
    tail += bytes.dropFirst(first.count)
    guard tail.count > 2 * most else { return }
    cut()
  }

  private mutating func cut() {
    let surplus = max(0, tail.count - most)
    left += surplus
    tail.removeFirst(surplus)
  }

  package var text: String {
    var copy = self
    copy.cut()
    let gap = copy.left == 0 ? "" : "\n[… \(copy.left) bytes left out …]\n"
    return String(decoding: copy.head, as: UTF8.self) + gap + String(decoding: copy.tail, as: UTF8.self)
  }
}
