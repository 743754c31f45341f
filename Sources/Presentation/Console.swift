import Basics
package import Deployment
import Glibc
import Synchronization
package import Terminal

/// The terminal: the result to stdout, all else to stderr.
package struct Console {
  package typealias Tone = StyledText.Tone

  /// How much is shown, and how.
  package struct Options {
    package var quiet = false
    package var verbose = false
    package var color = ColorMode.auto
    /// Whether the caller's locale shows ASCII only.
    package var isASCII = false

    package init(quiet: Bool = false, verbose: Bool = false, color: ColorMode = .auto, isASCII: Bool = false) {
      self.quiet = quiet
      self.verbose = verbose
      self.color = color
      self.isASCII = isASCII
    }
  }

  /// When colours are used: on a terminal, unless the environment says otherwise; or as told.
  package enum ColorMode: String, CaseIterable {
    case auto, always, never
  }

  package let options: Options
  /// What is drawn on the terminal meanwhile; lines are written around it.
  private let drawn = Drawn()

  private final class Drawn: Sendable { let progress = Mutex<Progress?>(nil) }

  /// Lets progress be drawn between the lines.
  package func attach(_ progress: Progress) { drawn.progress.withLock { $0 = progress } }

  private let clock = ContinuousClock()
  private let start = ContinuousClock.now

  package init(_ options: Options) { self.options = options }

  /// Seconds since the verb began.
  package var elapsed: Double { (clock.now - start) / .seconds(1) }

  /// A step that ended, as progress.
  package func tell(_ step: StepResult) {
    guard !options.quiet else { return }
    let tone: Tone = step.status == .failed ? .bad : step.status == .skipped ? .dim : .plain
    // Why a step failed is said once, with the result.
    let detail = step.status == .failed ? "  FAILED" : step.detail.isEmpty ? "" : "  (\(step.detail))"
    note(hanging("\(Self.seconds(step.seconds))  ", step.name + detail), tone)
  }

  /// A check that ended, as progress.
  package func tell(_ check: CheckResult) {
    guard !options.quiet, options.verbose || check.status == .fail else { return }
    let text = "\(check.status.rawValue) \(check.id) \(check.subject): \(check.detail)"
    note(hanging("\(Self.seconds(check.seconds))  ", text), Self.tone(check))
  }

  /// A line for stderr; on a terminal broken between its words, below the text and not below the time.
  private func hanging(_ first: String, _ text: String) -> String {
    let layout = Layout(width: isatty(STDERR_FILENO) == 1 ? Layout.columns(of: STDERR_FILENO) : nil)
    let rest = String(repeating: " ", count: first.count)
    return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { number, line in
      TextLines.wrapped(String(line), first: number == 0 ? first : rest, rest: rest, width: layout.width, layout)
        .joined(separator: "\n")
    }.joined(separator: "\n")
  }

  /// What is going on, in words.
  package func progress(_ text: String) {
    guard !options.quiet else { return }
    note("qtctl: " + text, .dim)
  }

  /// A line to stderr.
  package func note(_ text: String, _ tone: Tone = .plain) {
    let line = rendered(text, tone) + "\n"
    if let progress = drawn.progress.withLock(\.self) {
      progress.write(line)
    } else {
      Self.write(line, to: STDERR_FILENO)
    }
  }

  /// Text of several lines to stderr.
  package func note(_ text: StyledText) {
    guard !text.isEmpty else { return }
    let shown = rendered(text, for: STDERR_FILENO)
    if let progress = drawn.progress.withLock(\.self) {
      progress.write(shown)
    } else {
      Self.write(shown, to: STDERR_FILENO)
    }
  }

  /// How text is laid out on stdout.
  package var layout: Layout { Layout(width: Layout.columns(of: STDOUT_FILENO), isASCII: options.isASCII) }

  /// Text to stdout.
  package func print(_ text: StyledText) { Self.write(rendered(text, for: STDOUT_FILENO), to: STDOUT_FILENO) }

  /// A JSON document to stdout, which has all as it is: JSON escapes for itself what a terminal would obey.
  package func print(json: String) { Self.write(json, to: STDOUT_FILENO) }

  /// Text as stdout is given it.
  package func shown(_ text: StyledText) -> String { rendered(text, for: STDOUT_FILENO) }

  /// Whether somebody still reads stdout.
  package var isOpen: Bool {
    var watched = pollfd(fd: STDOUT_FILENO, events: 0, revents: 0)
    return poll(&watched, 1, 0) <= 0 || watched.revents & Int16(POLLERR | POLLHUP | POLLNVAL) == 0
  }

  /// Text as stderr is given it.
  package func rendered(_ text: String, _ tone: Tone = .plain) -> String {
    rendered(StyledText(text, tone), for: STDERR_FILENO)
  }

  /// The one place where text becomes what a terminal is given: all that others may have written is escaped.
  private func rendered(_ text: StyledText, for file: Int32) -> String {
    let isColoured = colours(on: file)
    let layout = Layout(isASCII: options.isASCII)
    return text.parts.map { part in
      let shown = layout.shown(Printable.text(part.text))
      return part.tone == .plain || !isColoured ? shown : "\u{1B}[\(part.tone.rawValue)m\(shown)\u{1B}[0m"
    }.joined()
  }

  package static func tone(_ check: CheckResult) -> Tone {
    switch check.status {
    case .pass: .good
    case .fail: .bad
    case .warn: .careful
    case .skip: .dim
    }
  }

  /// How long something took, in a few words.
  package static func took(_ seconds: Double) -> String {
    Duration.milliseconds(Int64(clamping: Int(exactly: (seconds * 1000).rounded()) ?? 0)).text
  }

  /// Seconds in a column, such as `  1.234 s`.
  package static func seconds(_ value: Double) -> String {
    let milliseconds = Int(exactly: (value * 1000).rounded()) ?? 0
    let fraction = String(milliseconds % 1000)
    let text = "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - fraction.count))\(fraction) s"
    return String(repeating: " ", count: max(0, 9 - text.count)) + text
  }

  /// Whether both outputs are shown in colours.
  package var isColoured: Bool { colours(on: STDOUT_FILENO) && colours(on: STDERR_FILENO) }

  private func colours(on file: Int32) -> Bool {
    switch options.color {
    case .always: true
    case .never: false
    case .auto:
      isatty(file) == 1 && getenv("NO_COLOR").map { $0.pointee == 0 } ?? true
        && getenv("TERM").map { String(cString: $0) } != "dumb"
    }
  }

  /// How long the file behind an output may get; see `bound`.
  private static let most = Atomic<Int>(.max)

  /// From now on, what would make a file behind an output longer than this is left out, each piece whole, and a line says
  /// so.
  package static func bound(at most: Int) { Self.most.store(most, ordering: .relaxed) }

  /// Nothing fails where it cannot be written: the disk is full, or nobody reads any more.
  package static func write(_ text: String, to file: Int32) {
    let most = most.load(ordering: .relaxed)
    writeAll(most == .max ? text : bounded(text, on: file, telling: STDERR_FILENO, most: most), to: file)
  }

  /// What of a text a file has room for. A document is written in one piece, so that it is there whole or not at all.
  ///
  /// - Parameter errors: where a line tells of what is left out, as long as there is room for that.
  static func bounded(_ text: String, on file: Int32, telling errors: Int32, most: Int) -> String {
    let (length, count) = (lseek(file, 0, SEEK_END), text.utf8.count)
    // What is no file has no length.
    guard length >= 0, length.addingSaturated(count) > most else { return text }
    if lseek(errors, 0, SEEK_END) < most {
      let line = "qtctl: \(count) bytes of output are left out; of a command on another host \(most) are kept"
      writeAll(line + "\n", to: errors)
    }
    return ""
  }

  private static func writeAll(_ text: String, to file: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// The wall clock.
package enum Clock {
  /// Whole seconds since 1970.
  package static var seconds: Int { time(nil) }
}
