import Deployment
import Glibc
import Status
import Terminal

/// A status that is redrawn in place.
struct StatusWatch {
  private static let interval = Duration.seconds(2)
  /// Reading every file and an hour of logs takes longer than the rest, so that it is done less often.
  private static let reuse = Duration.seconds(20)

  let console: Console

  /// Returns when a person presses q.
  ///
  /// - Parameter look: is given what was found lately, or `nil` to look at everything.
  func run(_ look: (HostStatus?) -> HostStatus) throws {
    guard let screen = Screen() else {
      return try follow(look)
    }
    defer { screen.restore() }
    var known: (status: HostStatus, at: ContinuousClock.Instant)?
    while true {
      let isFresh = known.map { $0.at + Self.reuse > .now } ?? false
      let status = look(isFresh ? known?.status : nil)
      // A transaction changes what was found.
      if status.transaction != nil { known = nil } else if !isFresh { known = (status, .now) }
      let next = ContinuousClock.now + Self.interval
      repeat {
        draw(status, on: screen)
        switch screen.wait(until: next) {
        case .quit: return
        case .resized, .key: continue
        case .timeout: break
        }
      } while .now < next
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
  private func follow(_ look: (HostStatus?) -> HostStatus) throws {
    while true {
      console.print(StyledText("\(UTC.text(Clock.seconds))\n", .dim))
      console.print(
        StatusText(status: look(nil), layout: console.layout, now: Clock.seconds, isVerbose: console.options.verbose)
          .text)
      console.print(StyledText("\n"))
      guard console.isOpen else { return }
      poll(nil, 0, Int32(Self.interval / .milliseconds(1)))  // trap: a constant
    }
  }
}
