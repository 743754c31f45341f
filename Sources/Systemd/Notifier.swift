internal import CSystemd
internal import Glibc

/// Tells systemd what the service is doing (`Type=notify`, sd_notify(3)).
///
/// Outside of systemd, that is without `NOTIFY_SOCKET` in the environment, every call does nothing. Each returns whether
/// the manager was told. A service need not act on a lost message: systemd acts when none comes.
package struct Notifier: Sendable {
  package init() {}

  /// The service is up. Call it once, when it really is.
  @discardableResult
  package func ready(status: String? = nil) -> Bool {
    send(["READY=1"] + Self.statusLines(status))
  }

  /// The service begins to stop.
  @discardableResult
  package func stopping(status: String? = nil) -> Bool {
    send(["STOPPING=1"] + Self.statusLines(status))
  }

  /// The service is reloading its configuration; call `ready` when it has.
  @discardableResult
  package func reloading(status: String? = nil) -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    let microseconds = now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
    return send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"] + Self.statusLines(status))
  }

  /// A line for `systemctl status`; a line break becomes a space.
  @discardableResult
  package func status(_ text: String) -> Bool {
    send(Self.statusLines(text))
  }

  /// The main loop has made another turn. Call it more often than `watchdogInterval`, best at half of it.
  @discardableResult
  package func watchdog() -> Bool {
    send(["WATCHDOG=1"])
  }

  /// How long systemd waits for `watchdog()` before it acts; `nil` when this process is not watched.
  package var watchdogInterval: Duration? {
    var microseconds: UInt64 = 0
    guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
    return .microseconds(Int64(clamping: microseconds))
  }

  /// A status must not smuggle in an assignment of its own.
  static func statusLines(_ status: String?) -> [String] {
    guard let status else { return [] }
    return ["STATUS=" + String(status.map { $0.isNewline ? " " : $0 })]
  }

  private func send(_ lines: [String]) -> Bool {
    sd_notify(0, lines.joined(separator: "\n")) > 0
  }
}
