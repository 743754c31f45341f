import Commit
import Basics
package import Deployment
import Glibc
import Synchronization
import Terminal
import Transactions

/// What is going on, on stderr: on a terminal a line that is redrawn in place, elsewhere a line at least every five
/// seconds, so that nobody waits without a word of what for.
package final class Progress: StepObserver, Sendable {
  private struct Activity {
    var step: String
    /// How long it may take, where that is known.
    var limit: Duration?
    var start = ContinuousClock.now
  }

  private struct State {
    /// The steps that are going on, the innermost last.
    var activities: [Activity] = []
    /// Whether a line stands on the terminal that has to be wiped before anything else is written.
    var isDrawn = false
    /// When something was last written.
    var written = ContinuousClock.now
    var isTicking = false
  }

  /// No longer than this nothing new is written.
  private static let patience = Duration.seconds(4)
  private static let frame = Duration.milliseconds(200)

  private let console: Console
  private let isTerminal: Bool
  private let state = Mutex(State())

  package init(_ console: Console) {
    self.console = console
    let terminal = getenv("TERM").map { String(cString: $0) }
    isTerminal = isatty(STDERR_FILENO) == 1 && terminal != nil && terminal != "dumb"
  }

  package func began(_ step: String, within limit: Duration?) {
    guard !console.options.quiet else { return }
    let starts = state.withLock { state in
      state.activities.append(Activity(step: step, limit: limit))
      defer { state.isTicking = true }
      return !state.isTicking
    }
    if starts { _ = BlockingThread.start { [self] in tick() } }
  }

  package func ended(_ step: StepResult) {
    state.withLock { state in
      if let index = state.activities.lastIndex(where: { $0.step == step.name }) { state.activities.remove(at: index) }
    }
    console.tell(step)
  }

  /// Writes a line, with the drawn one out of its way.
  package func write(_ line: String) {
    state.withLock { state in
      Self.wipe(&state)
      Console.write(line, to: STDERR_FILENO)
      state.written = .now
    }
  }

  private static func wipe(_ state: inout State) {
    guard state.isDrawn else { return }
    Console.write("\r\u{1B}[2K", to: STDERR_FILENO)
    state.isDrawn = false
  }

  /// Goes on for as long as a step does.
  private func tick() {
    while true {
      poll(nil, 0, Int32(Self.frame / .milliseconds(1)))  // trap: a constant
      let goesOn = state.withLock { state in
        guard let activity = state.activities.last else {
          Self.wipe(&state)
          state.isTicking = false
          return false
        }
        if isTerminal {
          draw(activity, &state)
        } else if ContinuousClock.now - state.written >= Self.patience {
          Console.write(console.rendered("qtctl: \(Self.text(activity))\n"), to: STDERR_FILENO)
          state.written = .now
        }
        return true
      }
      guard goesOn else { return }
    }
  }

  private func draw(_ activity: Activity, _ state: inout State) {
    // A step that is over at once is not worth a line that flickers.
    guard ContinuousClock.now - activity.start >= Self.frame else { return }
    let layout = Layout(isASCII: console.options.isASCII)
    let width = (Layout.columns(of: STDERR_FILENO, followsResize: true) ?? 80) - 1
    let text = layout.shortened(layout.shown(Self.text(activity)), to: width)
    Console.write("\r\u{1B}[2K" + console.rendered(text, .dim), to: STDERR_FILENO)
    state.isDrawn = true
    state.written = .now
  }

  /// Such as `stop notes.service: 3 s, up to 10 s`.
  private static func text(_ activity: Activity) -> String {
    let elapsed = (ContinuousClock.now - activity.start).components.seconds
    let limit = activity.limit.map { ", up to \(Int(exactly: ($0 / .seconds(1)).rounded(.up)) ?? 0) s" } ?? ""
    return "\(Printable.line(activity.step)): \(elapsed) s\(limit)"
  }
}
