internal import Basics
internal import FileOperations
internal import Glibc
internal import Synchronization

/// A connection by the system's own OpenSSH: its configuration, agent, keys, jump hosts and multiplexing are the user's.
/// What it runs on the host is fixed text; all that belongs to a call goes through the connection.
final class SSHConnection {
  private static let places = ["/usr/bin/ssh", "/usr/local/bin/ssh"]
  /// ssh_config(5). A peer that is gone without a word is found out after a minute, and no command of the
  /// configuration's stands in the way of ours.
  private static let options = [
    "-T", "-o", "RemoteCommand=none", "-o", "ConnectTimeout=30", "-o", "ServerAliveInterval=15", "-o",
    "ServerAliveCountMax=4",
  ]
  private static let mostLines = 20

  let process: PipedProcess
  private let complaints: Complaints

  /// - Parameters:
  ///   - script: what a login shell on the host runs.
  ///   - show: is given what ssh says, line by line.
  /// - Throws: `RemoteError` where ssh cannot be started.
  init(_ host: RemoteHost, _ script: String, show: @escaping @Sendable (String) -> Void) throws {
    guard let program = Self.places.first(where: { access($0, X_OK) == 0 }) else {
      throw RemoteError.unreachable(
        "--host needs '\(Self.places.joined(separator: "' or '"))', which does not exist; run: apt-get install "
          + "openssh-client")
    }
    let names = ["HOME", "USER", "LOGNAME", "PATH", "SHELL", "TERM", "SSH_AUTH_SOCK", "LC_ALL"]
    let environment = names.compactMap { name in getenv(name).map { name + "=" + String(cString: $0) } }
    do {
      process = try PipedProcess(
        [program] + Self.options + ["--", host.description, script], environment: environment, sharesTerminal: true)
    } catch {
      throw RemoteError.unreachable("\(error); nothing was done on '\(host)'")
    }
    complaints = Complaints()
    Interrupts.watch()
    let (file, told) = (dup(process.errors), complaints)
    _ = BlockingThread.start {
      while let bytes = PipedProcess.bytes(of: file) {
        for line in told.add(bytes) { show(line) }
      }
      Glibc.close(file)
      told.end()
    }
  }

  /// What ssh and the login shell complained of last, as lines that can be shown, once ssh has ended.
  var lastLines: [String] {
    _ = process.ended(within: .seconds(5))
    return complaints.lines
  }

  /// Ends the connection. What is detached on the host goes on.
  func close(within limit: Duration = .milliseconds(200)) {
    process.closeInput()
    guard process.ended(within: limit) == nil else { return }
    process.signal(SIGTERM)
    _ = process.ended(within: .seconds(1))
  }

  /// The last lines of a stream, bounded.
  private final class Complaints: Sendable {
    private struct Text {
      var lines: [String] = []
      var rest: [UInt8] = []
      var isOver = false
    }

    private static let longest = 1000
    private let text = Mutex(Text())

    /// - Returns: the lines that are whole now.
    func add(_ bytes: [UInt8]) -> [String] {
      text.withLock { text in
        text.rest += bytes
        let parts = text.rest.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        text.rest = Array((parts.last ?? []).prefix(SSHConnection.mostBytes))
        let whole = parts.dropLast().map(Self.shown).filter { !$0.isEmpty }
        text.lines = (text.lines + whole).suffix(SSHConnection.mostLines)
        return whole
      }
    }

    func end() {
      text.withLock { text in
        let last = Self.shown(text.rest[...])
        if !last.isEmpty { text.lines.append(last) }
        text.isOver = true
      }
    }

    var lines: [String] {
      let deadline = ContinuousClock.now + .seconds(1)
      while !text.withLock(\.isOver), ContinuousClock.now < deadline { poll(nil, 0, 10) }
      return text.withLock(\.lines)
    }

    private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
      let line =
        String(decoding: bytes.prefix(longest), as: UTF8.self).split(separator: "\r").last.map(String.init) ?? ""
      // It becomes part of a sentence.
      return Printable.line(line.hasSuffix(".") ? String(line.dropLast()) : line)
    }
  }

  private static let mostBytes = 4096
}

/// How often a person, or whoever runs this process, has asked it to end.
enum Interrupts {
  private static let noted = Atomic<Int>(0)
  static var count: Int { noted.load(ordering: .acquiring) }

  /// From now on SIGINT and SIGTERM are counted and no longer end the process.
  static func watch() {
    for number in [SIGINT, SIGTERM] { signal(number) { _ in Interrupts.noted.add(1, ordering: .releasing) } }
  }
}
