internal import Glibc

/// Asks a thread that works on a connection to come to an end; raised from any thread or a signal handler.
///
/// It wakes a blocking read at once, so that a consumer that waits for entries leaves without its BLOCK running out.
public final class StopSignal: Sendable {
  /// The reading end of a pipe, readable for ever once the signal is raised, as nobody reads it empty.
  let descriptor: Int32
  private let writer: Int32

  /// - Precondition: the process has two file descriptors to spare.
  public init() {
    var ends: [Int32] = [-1, -1]
    let status = pipe(&ends)
    // trap: at the start of a program, as documented; pipe(2) fills two
    precondition(status == 0, "no file descriptors are left for a stop signal: errno \(errno)")
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    // trap: at the start of a program, as documented; pipe(2) fills two
    descriptor = ends[0]
    // trap: at the start of a program, as documented; pipe(2) fills two
    writer = ends[1]
  }

  deinit {
    close(descriptor)
    close(writer)
  }

  /// Raises the signal, for good. Raising it again changes nothing.
  public func raise() {
    var byte: UInt8 = 1
    // A pipe that is full has been raised already.
    _ = write(writer, &byte, 1)
  }

  public var isRaised: Bool {
    wait(for: .zero)
  }

  /// Returns true as soon as the signal is raised, false when `time` has passed without it.
  public func wait(for time: Duration) -> Bool {
    var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let clock = ContinuousClock()
    let end = clock.now + time
    while true {
      let result = poll(&entry, 1, time > .zero ? clock.now.duration(to: end).pollMilliseconds : 0)
      if result > 0 { return true }
      if result == 0 || errno != EINTR { return false }
    }
  }
}
