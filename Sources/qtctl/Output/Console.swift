import Basics
import Deployment
import Glibc
import Synchronization

/// The terminal: the result to stdout, all else to stderr.
struct Console {
  typealias Tone = StyledText.Tone

  let options: GlobalOptions
  /// What is drawn on the terminal meanwhile; lines are written around it.
  private let drawn = Drawn()

  private final class Drawn: Sendable { let progress = Mutex<Progress?>(nil) }

  /// Lets progress be drawn between the lines.
  func attach(_ progress: Progress) { drawn.progress.withLock { $0 = progress } }

  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  init(_ options: GlobalOptions) { self.options = options }

  /// Seconds since the verb began.
  var elapsed: Double { (clock.now - start) / .seconds(1) }

  /// A step that ended, as progress.
  func tell(_ step: StepResult) {
    guard !options.quiet else { return }
    let tone: Tone = step.status == .failed ? .bad : step.status == .skipped ? .dim : .plain
    // Why a step failed is said once, with the result.
    let detail = step.status == .failed ? "  FAILED" : step.detail.isEmpty ? "" : "  (\(step.detail))"
    note("\(Self.seconds(step.seconds))  \(step.name)\(detail)", tone)
  }

  /// A check that ended, as progress.
  func tell(_ check: CheckResult) {
    guard !options.quiet, options.verbose || check.status == .fail else { return }
    note(
      "\(Self.seconds(check.seconds))  \(check.status.rawValue) \(check.id) \(check.subject): \(check.detail)",
      Self.tone(check))
  }

  /// What is going on, in words.
  func progress(_ text: String) {
    guard !options.quiet else { return }
    note("qtctl: " + text, .dim)
  }

  /// A line to stderr.
  func note(_ text: String, _ tone: Tone = .plain) {
    let line = rendered(text, tone) + "\n"
    if let progress = drawn.progress.withLock(\.self) {
      progress.write(line)
    } else {
      Self.write(line, to: STDERR_FILENO)
    }
  }

  /// Text to stdout.
  func print(_ text: StyledText) { Self.write(rendered(text, for: STDOUT_FILENO), to: STDOUT_FILENO) }

  /// A JSON document to stdout, which has all as it is: JSON escapes for itself what a terminal would obey.
  func print(json: String) { Self.write(json, to: STDOUT_FILENO) }

  /// Empties the screen, for what is shown in its place.
  func clear() { Self.write("\u{1B}[H\u{1B}[2J", to: STDOUT_FILENO) }

  /// Text as stderr is given it.
  func rendered(_ text: String, _ tone: Tone = .plain) -> String {
    rendered(StyledText(text, tone), for: STDERR_FILENO)
  }

  /// The one place where text becomes what a terminal is given: all that others may have written is escaped.
  private func rendered(_ text: StyledText, for file: Int32) -> String {
    let isColoured = colours(on: file)
    return text.parts.map { part in
      let shown = Printable.text(part.text)
      return part.tone == .plain || !isColoured ? shown : "\u{1B}[\(part.tone.rawValue)m\(shown)\u{1B}[0m"
    }.joined()
  }

  static func tone(_ check: CheckResult) -> Tone {
    switch check.status {
    case .pass: .good
    case .fail: .bad
    case .warn: .careful
    case .skip: .dim
    }
  }

  /// Seconds in a column, such as `  1.234 s`.
  static func seconds(_ value: Double) -> String {
    let milliseconds = Int(exactly: (value * 1000).rounded()) ?? 0
    let fraction = String(milliseconds % 1000)
    let text = "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    return String(repeating: " ", count: max(0, 9 - text.count)) + text
  }

  /// The columns of a terminal, asked anew each time, since it may be resized; 80 where it is none.
  static func width(of file: Int32) -> Int {
    var size = winsize()
    guard ioctl(file, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private func colours(on file: Int32) -> Bool {
    switch options.color {
    case .always: true
    case .never: false
    case .auto: isatty(file) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
    }
  }

  static func write(_ text: String, to file: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
