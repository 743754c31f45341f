internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd

/// The beginning of a connection: up to where qtctl answers on the host, or to why it does not.
final class Greeting {
  /// For the user's login shell, whichever it is: everything is one word in single quotes for sh(1). PATH is the system's, so
  /// that whoever may write into the user's folders is not run as root.
  private static let script = """
    exec /bin/sh -c 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin; export PATH; \
    q=$(command -v qtctl) || { echo "qtctl-host missing $(uname -sm)"; exit 0; }; \
    [ "$(id -u)" != 0 ] || exec "$q" serve; \
    command -v sudo >/dev/null || { echo "qtctl-host nosudo $(id -un)"; exit 0; }; \
    echo "qtctl-host sudo $(id -un) $q"; exec sudo -n -- "$q" serve'
    """
  /// What a login shell may print before that.
  static let mostNoise = 64 << 10
  private static let word = "qtctl-host "

  private let host: RemoteHost
  private let complain: @Sendable (String) -> Void
  private var found: Result<HostConnection, any Error>?
  private var isMissing = false

  init(_ host: RemoteHost, complain: @escaping @Sendable (String) -> Void) {
    self.host = host
    self.complain = complain
  }

  /// Whether the same qtctl answers.
  ///
  /// - Throws: what keeps it from answering, where installing it does not help.
  func isReady() throws -> Bool {
    do {
      _ = try finished()
      return true
    } catch {
      guard isMissing else { throw error }
      return false
    }
  }

  func close() {
    if case .success(let connection)? = found { connection.close() }
  }

  /// - Throws: `RemoteError`.
  func finished() throws -> HostConnection {
    if let found { return try found.get() }
    let result = Result { try connect() }
    found = result
    return try result.get()
  }

  private func connect() throws -> HostConnection {
    let ssh = try SSHConnection(host, Self.script, show: complain)
    let connection = HostConnection(host, ssh)
    do {
      try read(connection)
      connection.expectBeats()
      return connection
    } catch let silence as HostSilence {
      connection.close()
      throw RemoteError.unreachable(
        "'\(host)' does not answer: \(silence); nothing was done there: see that 'ssh \(host) true' works")
    } catch {
      connection.close()
      throw error
    }
  }

  private func read(_ connection: HostConnection) throws {
    var (said, noise) = (["": ""], 0)
    var last: [String] = []
    while true {
      guard let line = try connection.line() else {
        // Whoever ends a group of processes ends ssh first.
        throw Interrupts.count > 0 ? connection.interrupted : noAnswer(said, last, connection)
      }
      noise += line.count + 1
      guard noise <= Self.mostNoise else {
        throw RemoteError.unreachable(
          "the login shell on '\(host)' prints without end instead of running qtctl; nothing was done there: see: ssh "
            + "\(host) true")
      }
      let text = Printable.line(String(decoding: line.prefix(1000), as: UTF8.self))
      if text == CallServer.ready { break }
      if text.hasPrefix(Self.word) {
        let parts = text.dropFirst(Self.word.count).split(separator: " ", maxSplits: 1).map(String.init)
        said[parts.first ?? ""] = parts.dropFirst().first ?? ""
      } else if !text.isEmpty {
        last = (last + [text]).suffix(5)
      }
    }
    let answer: Frame?
    do {
      answer = try connection.next()
    } catch is ProtocolFault {
      answer = nil
    }
    guard let answer, answer.kind == .hello, let hello = try? answer.decoded(Hello.self) else {
      throw RemoteError.unreachable(
        "qtctl on '\(host)' gives an answer that this qtctl does not understand; nothing was done there: install the "
          + "same version")
    }
    guard hello.protocolVersion == Hello.current, hello.version == Program.version else {
      isMissing = true
      let version = Printable.line(String(hello.version.prefix(40)))
      throw RemoteError.unreachable(
        "'\(host)' has qtctl \(version), this is \(version == Program.version ? "another build of it" : Program.version); "
          + "nothing was done there: install the same version, or add --install-qtctl")
    }
  }

  /// Why nothing answered.
  private func noAnswer(_ said: [String: String], _ last: [String], _ connection: HostConnection) -> RemoteError {
    let lines = connection.ssh.lastLines
    if let machine = said["missing"] {
      isMissing = true
      return .unreachable(
        "qtctl is not installed on '\(host)' (\(machine)); nothing was done there: install its package, or add "
          + "--install-qtctl to copy this program there")
    }
    if let user = said["nosudo"] {
      return .unreachable(
        "'\(user)' is not root on '\(host)', and sudo is not installed there; nothing was done: use root@, or install sudo"
      )
    }
    if let words = said["sudo"] {
      let parts = words.split(separator: " ").map(String.init)
      let (user, program) = (parts.first ?? "", parts.dropFirst().first ?? "qtctl")
      // The older one does not know the word.
      if lines.contains(where: { $0.contains("unknown command") }) { return older() }
      let why = (lines + last).last.map { ": \($0)" } ?? ""
      return .unreachable(
        "'\(user)' is not root on '\(host)', and sudo does not let him run '\(program)' without a password\(why); nothing "
          + "was done: use root@, or allow it there in /etc/sudoers.d/qtctl: \(user) ALL=(root) NOPASSWD: \(program)")
    }
    if (lines + last).contains(where: { $0.contains("unknown command") }) { return older() }
    return .unreachable(Self.advice(host, lines, last))
  }

  private func older() -> RemoteError {
    isMissing = true
    return .unreachable(
      "the qtctl on '\(host)' is too old for --host; nothing was done there: install the same version, or add "
        + "--install-qtctl")
  }

  /// What ssh says, and what to do about it.
  private static func advice(_ host: RemoteHost, _ lines: [String], _ last: [String]) -> String {
    let why = (lines.last ?? last.last).map { ": \($0)" } ?? ""
    let text = lines.joined(separator: "\n")
    let advice =
      if text.contains("IDENTIFICATION HAS CHANGED") {
        "its key is not the one in known_hosts; find out why before you go on"
      } else if text.contains("Host key verification failed") {
        "its key is not known here; run 'ssh \(host)' once and compare it, or put it into known_hosts"
      } else if text.contains("Permission denied") {
        "no key or password of yours is taken there; see that 'ssh \(host) true' works"
      } else {
        "see that 'ssh \(host) true' works"
      }
    return "'\(host)' cannot be reached\(why); nothing was done there: \(advice)"
  }
}
