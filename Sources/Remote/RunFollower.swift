internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
package import HostState
internal import Systemd

/// Follows a run: what it has printed and prints, in pieces, until it ends.
package struct RunFollower {
  private static let interval: Int32 = 50
  /// systemd records the end a moment after the unit is down.
  private static let patience = Duration.seconds(5)
  /// Of more output than that, the end is shown: a file that somebody else has filled must not fill a pipe.
  private static let most = 32 << 20

  private let run: RunRecord
  private let store: RunStore
  private let state: StateFolder
  private var read: [RunStore.Output: Int] = [:]

  package init(_ run: RunRecord, state: StateFolder) {
    self.run = run
    self.state = state
    store = RunStore(state)
  }

  /// How it was found at last.
  package enum End {
    case ended(Ending)
    /// It runs no more, and nothing has recorded its end: the host was restarted, or lost power.
    case vanished
    /// Whoever follows wants no more.
    case left
  }

  /// - Parameters:
  ///   - show: is given what was printed.
  ///   - isLeft: asked again and again.
  package mutating func follow(show: (RunStore.Output, [UInt8]) -> Void, isLeft: () -> Bool) throws -> End {
    var missing: ContinuousClock.Instant?
    while true {
      // Read after the end was recorded, what is there is all there will be.
      let ending = try store.ending(of: run.id)
      for kind in RunStore.Output.allCases { try showMore(kind, show) }
      if let ending { return .ended(ending) }
      if isLeft() { return .left }
      if isUp { missing = nil } else if missing == nil { missing = .now }
      if let since = missing, since + Self.patience < .now { return .vanished }
      poll(nil, 0, Self.interval)
    }
  }

  /// Whether systemd knows of it.
  private var isUp: Bool {
    guard let manager = try? ServiceManager(), let status = try? manager.status(of: run.unit) else { return true }
    return !status.activeState.isDown
  }

  private mutating func showMore(_ kind: RunStore.Output, _ show: (RunStore.Output, [UInt8]) -> Void) throws {
    let path = store.output(kind, of: run.id)
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else { return }
    defer { close(file) }
    var place = read[kind] ?? 0
    let size = try Files.check("seek in", path) { lseek(file, 0, SEEK_END) }
    if size - place > Self.most {
      show(.stderr, Array("[… \(size - place - Self.most) bytes left out …]\n".utf8))
      place = size - Self.most
    }
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while place < size {
      let count = try Files.check("read", path) { pread(file, &buffer, buffer.count, off_t(place)) }
      guard count > 0 else { break }
      show(kind, Array(buffer.prefix(count)))
      place += count
    }
    read[kind] = place
  }

  /// How a run that was killed or vanished has left the host: what the history says that began no earlier, as a sentence
  /// and an exit status.
  package func judge(_ signal: Int32?) -> (status: ExitStatus, sentence: String) {
    let how =
      signal.map { "was killed by signal \($0)" }
      ?? "has left no word of its end: the host was restarted or lost power, or its disk is full"
    // The rollback watchdog acts within seconds of the end.
    let deadline = ContinuousClock.now + Self.patience
    while Files.exists(state.journal), ContinuousClock.now < deadline { poll(nil, 0, Self.interval) }
    guard !Files.exists(state.journal) else {
      return (.unhealthy, "'\(run.command)' \(how), and its transaction is not undone yet; run: qtctl recover")
    }
    let last = try? History(state).last(20).entries.filter { $0.started >= run.began }.max { $0.started < $1.started }
    guard let last else {
      return (.recovered, "'\(run.command)' \(how); nothing that runs was touched, run it again")
    }
    return (
      ExitStatus(rawValue: last.exit) ?? .recovered,
      "'\(run.command)' \(how); the history says: \(last.verb) \(last.outcome.rawValue)"
    )
  }
}
