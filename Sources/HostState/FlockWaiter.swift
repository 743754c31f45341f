internal import Basics
internal import Glibc
internal import Synchronization

/// Waits for a `flock` with a deadline, behind all who came before, without asking again and again.
///
/// The kernel has no lock with a time limit. A thread waits in its stead; when the time is up first, the thread gives
/// the lock back should it still come to it.
package struct FlockWaiter {
  private enum State { case inLine, waiting, held, given }

  private final class Ticket: Sendable {
    let file: Int32
    let line: WaitingLine?
    let state = Mutex(State.inLine)

    init(file: Int32, line: WaitingLine?) {
      self.file = file
      self.line = line
    }

    /// Whether it may go on from one state to the next.
    func pass(from: State, to next: State) -> Bool {
      state.withLock { state in
        guard state == from else { return false }
        state = next
        return true
      }
    }
  }

  /// How often it is looked whom this waits for, only to say so.
  private static let glance = Duration.milliseconds(500)

  package let file: Int32
  /// `nil`: whoever waits in line is gone past.
  package let line: WaitingLine?

  /// Whether the lock was had in time. The place in line is given up either way.
  ///
  /// - Parameter look: called every now and then for as long as it waits.
  package func take(within wait: Duration, look: () -> Void) -> Bool {
    defer { line?.leave() }
    // Both ends of a pipe: the thread's byte wakes the poll below.
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return false }
    let (readEnd, writeEnd) = (ends[0], ends[1])  // trap: an array of two
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(readEnd) }
    // The thread has a descriptor of its own for the same open file, so the caller may close this one.
    let own = fcntl(file, F_DUPFD_CLOEXEC, 0)
    guard own >= 0 else {
      close(writeEnd)
      return false
    }
    let ticket = Ticket(file: own, line: line)
    let isStarted = BlockingThread.start {
      Self.wait(ticket)
      close(ticket.file)
      close(writeEnd)
    }
    guard isStarted else {
      close(ticket.file)
      close(writeEnd)
      return false
    }
    let deadline = ContinuousClock.now + wait
    repeat {
      look()
    } while !Self.isReadable(readEnd, within: min(Self.glance, deadline - .now)) && .now < deadline
    // One before this who cannot move (a process that is stopped) must not keep a free lock from everybody.
    if ticket.pass(from: .inLine, to: .given) { return flock(file, LOCK_EX | LOCK_NB) == 0 }
    return !ticket.pass(from: .waiting, to: .given)
  }

  private static func wait(_ ticket: Ticket) {
    ticket.line?.waitForTurn()
    guard ticket.pass(from: .inLine, to: .waiting) else { return }
    while flock(ticket.file, LOCK_EX) != 0 && errno == EINTR {}
    if !ticket.pass(from: .waiting, to: .held) { flock(ticket.file, LOCK_UN) }
  }

  private static func isReadable(_ file: Int32, within wait: Duration) -> Bool {
    let milliseconds = max(.zero, wait) / .milliseconds(1)
    var watched = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    return poll(&watched, 1, Int32(exactly: milliseconds.rounded(.up)) ?? .max) > 0
  }
}
