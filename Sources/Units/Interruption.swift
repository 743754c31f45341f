package import Deployment
internal import Glibc
internal import Synchronization

/// A person's or a manager's wish that the transaction in progress ends: SIGINT or SIGTERM.
///
/// The signal is only noted. The transaction looks at it between its steps and in every wait, undoes itself, and from
/// then on nothing interrupts it: a second signal never leaves a half undone host.
package final class Interruption: Sendable {
  /// That of this process; signals reach it from the beginning of a transaction.
  package static let process = Interruption()

  private let received = Atomic<Int32>(0)
  private let shielded = Atomic(false)

  package init() {}

  /// Notes a signal. Safe to be called in a signal handler.
  package func note(_ signal: Int32) { received.store(signal, ordering: .releasing) }

  /// From now on SIGINT and SIGTERM are noted and no longer end the process. Does nothing for any but the process's own.
  package func watch() {
    guard self === Self.process else { return }
    for number in [SIGINT, SIGTERM] { Glibc.signal(number) { Interruption.process.note($0) } }
  }

  /// The signal that has come; `nil` where none has, or where nothing is to be interrupted any more.
  package var signal: Int32? {
    let number = received.load(ordering: .acquiring)
    return number == 0 || shielded.load(ordering: .acquiring) ? nil : number
  }

  /// - Throws: `Interrupted` once a signal has come.
  package func check() throws(Interrupted) {
    if let signal { throw Interrupted(signal: signal == SIGINT ? "SIGINT" : "SIGTERM") }
  }

  /// From now on nothing interrupts.
  package func shield() { shielded.store(true, ordering: .releasing) }

  /// Returns when a signal has come or the task is cancelled.
  package func wait() async {
    // A signal handler may do next to nothing, so nobody can be woken by it.
    while signal == nil, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
  }
}

/// A signal asked for the end of what was going on, before anything was touched or while it can be undone.
package struct Interrupted: CommandError, Hashable {
  /// The signal's name.
  package let signal: String

  package init(signal: String) { self.signal = signal }

  package var exitStatus: ExitStatus { .refused }
  package var description: String { "interrupted by \(signal)" }
}
