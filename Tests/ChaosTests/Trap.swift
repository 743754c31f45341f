import Glibc
import Synchronization
import TestSupport

/// Kills a process at one place among the requests that it makes.
final class Trap: Sendable {
  private struct State {
    var process: pid_t?
    var requests = 0
    var isSprung = false
  }

  private let number: Int
  private let passage: Relay.Passage
  private let state = Mutex(State())

  /// - Parameter number: Of the request, from 1.
  init(at number: Int, _ passage: Relay.Passage) {
    self.number = number
    self.passage = passage
  }

  var isSprung: Bool { state.withLock { $0.isSprung } }

  func arm(_ process: pid_t) {
    state.withLock { $0.process = process }
  }

  func pass(_ passage: Relay.Passage) {
    // The first request may come before the one who started the process knows its number.
    while state.withLock({ $0.process == nil }) { usleep(200) }
    state.withLock { state in
      if passage == .before { state.requests += 1 }
      guard passage == self.passage, state.requests == number, !state.isSprung, let process = state.process else {
        return
      }
      state.isSprung = true
      kill(process, SIGKILL)
    }
  }
}
