internal import Glibc
internal import Synchronization

/// Waits for a `flock` with a deadline, without asking again and again.
///
/// The kernel has no flock with a time limit. A thread waits in its stead; when the time is up first, the thread
/// gives the lock back should it still come to it.
enum FlockWaiter {
  private enum State { case waiting, held, given }

  private final class Ticket: Sendable {
    let file: Int32
    let state = Mutex(State.waiting)
    init(file: Int32) { self.file = file }
  }

  static func take(_ file: Int32, within wait: Duration) -> Bool {
    if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
    guard wait > .zero else { return false }

    // Both ends of a pipe: the thread's byte wakes the poll below.
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return false }
    let (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    defer { close(readEnd) }
    // The thread has a descriptor of its own for the same open file, so the caller may close this one.
    let ticket = Ticket(file: fcntl(file, F_DUPFD_CLOEXEC, 0))
    let thread = Thread {
      while flock(ticket.file, LOCK_EX) != 0 && errno == EINTR {}
      let kept = ticket.state.withLock { state in
        if state == .waiting { state = .held }
        return state == .held
      }
      if !kept { flock(ticket.file, LOCK_UN) }
      close(ticket.file)
      close(writeEnd)
    }
    guard thread.start() else {
      close(writeEnd)
      return false
    }
    let milliseconds = Int(wait.components.seconds) * 1000 + Int(wait.components.attoseconds / 1_000_000_000_000_000)
    var watched = pollfd(fd: readEnd, events: Int16(POLLIN), revents: 0)
    poll(&watched, 1, Int32(clamping: milliseconds))
    return ticket.state.withLock { state in
      if state == .waiting { state = .given }
      return state == .held
    }
  }
}
