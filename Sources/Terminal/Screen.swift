internal import Glibc
internal import Synchronization

/// The whole screen of a terminal, until it is given back: what was on it is there again afterwards.
///
/// One at a time. Signals that end the process give the screen back first.
package final class Screen {
  /// What happened while waiting.
  package enum Event {
    case quit, resized, key, timeout
  }

  // Without a cursor, and without lines that go on in the next row.
  private static let enter = "\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l"
  private static let leave = "\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l"
  private static let home = "\u{1B}[H"
  private static let restOfLine = "\u{1B}[K"
  private static let restOfScreen = "\u{1B}[J"
  /// Interrupt and end of file, as a terminal that passes everything on gives them.
  private static let quitKeys: Set<UInt8> = [UInt8(ascii: "q"), UInt8(ascii: "Q"), 3, 4]
  /// Ctrl-Z.
  private static let suspendKey: UInt8 = 26

  private let settings: termios
  private var isHeld = false

  /// - Returns: `nil` unless stdin and stdout are a terminal that can be drawn on.
  package init?() {
    let kind = getenv("TERM").map { String(cString: $0) } ?? ""
    guard isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1, !kind.isEmpty, kind != "dumb" else { return nil }
    var settings = termios()
    guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
    self.settings = settings
    for number in [SIGWINCH, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGCONT] { SignalPipe.shared.watch(number) }
    take()
  }

  /// The columns and rows right now.
  package var size: (columns: Int, rows: Int) { Layout.size(of: STDOUT_FILENO) ?? (80, 24) }

  /// Gives the terminal back as it was.
  package func restore() {
    guard isHeld else { return }
    isHeld = false
    Self.write(Self.leave)
    var settings = settings
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
  }

  private func take() {
    guard !isHeld else { return }
    isHeld = true
    var raw = settings
    raw.c_lflag &= ~tcflag_t(ICANON | ECHO | ISIG)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
    Self.write(Self.enter)
  }

  /// Puts the lines on the screen, over what is there; those that do not fit are counted in the last one.
  package func draw(_ lines: [String], _ layout: Layout) {
    var lines = lines
    if lines.last?.isEmpty ?? false { lines.removeLast() }
    let rows = max(2, size.rows)
    if lines.count > rows {
      let hidden = lines.count - rows + 1
      lines = lines.prefix(rows - 1) + ["\(layout.ellipsis) \(hidden) more lines; make the window higher"]
    }
    Self.write(Self.home + lines.map { $0 + Self.restOfLine }.joined(separator: "\r\n") + Self.restOfScreen)
  }

  /// Waits for a key, a resize, a signal, or until then.
  package func wait(until moment: ContinuousClock.Instant) -> Event {
    let left = max(.zero, moment - .now) / .milliseconds(1)
    var watched = [
      pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0),
      pollfd(fd: SignalPipe.shared.file, events: Int16(POLLIN), revents: 0),
    ]
    guard poll(&watched, 2, Int32(clamping: Int64(left.rounded(.up)))) > 0 else { return .timeout }
    if let number = SignalPipe.shared.next() { return signalled(number) }
    var byte: UInt8 = 0
    guard read(STDIN_FILENO, &byte, 1) == 1 else { return .quit }
    if Self.quitKeys.contains(byte) { return .quit }
    if byte == Self.suspendKey {
      restore()
      raise(SIGSTOP)
      take()
    }
    return .key
  }

  private func signalled(_ number: Int32) -> Event {
    switch number {
    case SIGWINCH: return .resized
    case SIGCONT:
      take()
      return .resized
    default: return .quit
    }
  }

  private static func write(_ text: String) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

/// Signals as bytes of a pipe, so that one wait is enough for them and for keys.
private final class SignalPipe: Sendable {
  static let shared = SignalPipe()

  let file: Int32
  private let writeEnd: Int32

  private init() {
    var ends: [Int32] = [-1, -1]
    // Where there is no pipe, no signal is noticed; keys are.
    _ = pipe(&ends)
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (file, writeEnd) = (ends[0], ends[1])  // trap: an array of two
  }

  func watch(_ number: Int32) {
    signal(number) { number in
      var byte = UInt8(truncatingIfNeeded: number)
      _ = write(SignalPipe.shared.writeEnd, &byte, 1)
    }
  }

  /// The next signal that has come; `nil` where none has.
  func next() -> Int32? {
    var byte: UInt8 = 0
    return read(file, &byte, 1) == 1 ? Int32(byte) : nil
  }
}
