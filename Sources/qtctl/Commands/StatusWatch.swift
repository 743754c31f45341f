import Basics
import Deployment
import Glibc
import Presentation
import Status
import Synchronization
import Terminal

/// A status that is redrawn in place.
struct StatusWatch {
  private static let interval = Duration.seconds(2)
  /// Reading every file and an hour of logs takes longer than the rest, so that it is done less often.
  private static let reuse = Duration.seconds(20)

  let console: Console

  /// How long a key waits at the most while something is looked at.
  private static let patience = Duration.milliseconds(100)

  /// Returns when a person presses q.
  ///
  /// - Parameters:
  ///   - first: what is shown first.
  ///   - look: is given what was found lately, or `nil` to look at everything. It may take long, as where Redis hangs, and
  ///     holds up neither keys nor a resize.
  func run(_ first: HostStatus, _ look: @escaping @Sendable (HostStatus?) -> HostStatus) {
    guard let screen = Screen() else { return follow(first, look) }
    defer { screen.restore() }
    let found = Found()
    var (status, isLooking) = (first, false)
    var known: (status: HostStatus, at: ContinuousClock.Instant)? = (first, .now)
    var next = ContinuousClock.now + Self.interval
    draw(status, on: screen)
    while true {
      if !isLooking, next <= .now {
        if let past = known, past.at + Self.reuse <= .now { known = nil }
        let reused = known?.status
        isLooking = BlockingThread.start { found.put(look(reused)) }
        next = .now + Self.interval
      }
      switch screen.wait(until: isLooking ? .now + Self.patience : next) {
      case .quit: return
      case .resized, .key: draw(status, on: screen)
      case .timeout: break
      }
      guard let new = found.take() else { continue }
      isLooking = false
      // A transaction changes what was found.
      if new.transaction != nil { known = nil } else if known == nil { known = (new, .now) }
      status = new
      draw(status, on: screen)
    }
  }

  private func draw(_ status: HostStatus, on screen: Screen) {
    let size = screen.size
    let layout = Layout(width: size.columns, isASCII: ProcessEnvironment.isASCII)
    var text = StyledText(layout.shortened("\(UTC.text(Clock.seconds))  q quits", to: size.columns) + "\n", .dim)
    text += StatusText(status: status, layout: layout, now: Clock.seconds, isVerbose: console.options.verbose).watched
    screen.draw(console.shown(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init), layout)
  }

  /// Where nothing can be redrawn: one status after the other.
  private func follow(_ first: HostStatus, _ look: (HostStatus?) -> HostStatus) {
    var status = first
    while true {
      console.print(StyledText("\(UTC.text(Clock.seconds))\n", .dim))
      console.print(
        StatusText(status: status, layout: console.layout, now: Clock.seconds, isVerbose: console.options.verbose)
          .text)
      console.print(StyledText("\n"))
      guard console.isOpen else { return }
      poll(nil, 0, Int32(Self.interval / .milliseconds(1)))  // trap: a constant
      status = look(nil)
    }
  }
}

/// What a thread has found, for another one to take.
private final class Found: Sendable {
  private let status = Mutex<HostStatus?>(nil)

  func put(_ new: HostStatus) { status.withLock { $0 = new } }

  func take() -> HostStatus? {
    status.withLock { status in
      defer { status = nil }
      return status
    }
  }
}
