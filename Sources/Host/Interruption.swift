internal import Glibc
internal import Synchronization

/// A person's or a manager's wish that the transaction in progress ends: SIGINT or SIGTERM.
///
/// The signal is only noted. The transaction looks at it between its steps and in every wait, undoes itself, and from
/// then on nothing interrupts it: a second signal never leaves a half undone host.
public final class Interruption: Sendable {
  /// That of this process; signals reach it from the beginning of a transaction.
  public static let process = Interruption()

  private let received = Atomic<Int32>(0)
  private let shielded = Atomic(false)

  public init() {}

  /// Notes a signal. Safe to be called in a signal handler.
  public func note(_ signal: Int32) { received.store(signal, ordering: .releasing) }

  /// From now on SIGINT and SIGTERM are noted and no longer end the process. Does nothing for any but the process's own.
  func watch() {
    guard self === Self.process else { return }
    for number in [SIGINT, SIGTERM] { Glibc.signal(number) { Interruption.process.note($0) } }
  }

  /// The signal that has come; `nil` where none has, or where nothing is to be interrupted any more.
  public var signal: Int32? {
    let number = received.load(ordering: .acquiring)
    return number == 0 || shielded.load(ordering: .acquiring) ? nil : number
  }

  /// - Throws: `HostError.interrupted` once a signal has come.
  func check() throws(HostError) {
    if let signal { throw .interrupted(signal == SIGINT ? "SIGINT" : "SIGTERM") }
  }

  /// From now on nothing interrupts.
  func shield() { shielded.store(true, ordering: .releasing) }

  /// Returns when a signal has come or the task is cancelled.
  func wait() async {
    // A signal handler may do next to nothing, so nobody can be woken by it.
    while signal == nil, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(50)) }
  }
}
