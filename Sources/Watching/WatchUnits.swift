internal import Basics
internal import Deployment
internal import FileOperations
internal import HostState
internal import Systemd

/// The timer and the service by which systemd looks again and again. They lie among the administrator's units, so that a
/// reboot starts them, and only while the watch lasts. Each begins with a line that says whose they are; what has no such line is
/// never touched.
struct WatchUnits {
  let manager: ServiceManager
  var folder = "/etc/systemd/system"

  static let mark = "# Written by 'qtctl watch'"
  private static let target = "timers.target.wants"

  static func unit(_ name: String) -> String { "qtctl-watch-" + name }

  /// Writes the units and starts the timer; the first look comes after `every`.
  ///
  /// - Parameters:
  ///   - program: qtctl, absolute.
  ///   - environment: `NAME=value`; everybody may read it.
  ///   - limit: when a look that has not ended is ended.
  /// - Throws: `Refusal` where another unit has the name.
  func begin(_ name: String, every: Double, limit: Duration, program: String, environment: [String]) throws {
    let unit = Self.unit(name)
    for path in paths(name) where Files.exists(path) && !isOwn(path) {
      throw Refusal([
        "the watch of '\(name)' needs the unit '\(unit)', and '\(path)' is another one; move it away or rename the manifest"
      ])
    }
    try Files.makeFolders(folder + "/" + Self.target, mode: 0o755)
    try stop(name)
    for (path, text) in zip(paths(name), [timer(name, every), service(name, limit, program, environment)]) {
      try Files.replace(path, with: Array(text.utf8), mode: 0o644)
    }
    try manager.daemonReload()
    try manager.enable([unit + ".timer"])
    try manager.daemonReload()
    let job = try manager.enqueue(.start, unit + ".timer")
    guard try manager.wait(for: [job], until: .now + .seconds(10))[job] == .done else {
      throw Refusal(["systemd did not start '\(unit).timer'; see: systemctl status \(unit).timer"])
    }
  }

  /// Stops the timer and removes the units. A look that is going on ends by itself. There need not be any.
  func end(_ name: String) throws {
    let own = paths(name).filter { Files.exists($0) && isOwn($0) }
    guard !own.isEmpty else { return }
    try stop(name)
    try Files.removeIfPresent("\(folder)/\(Self.target)/\(Self.unit(name)).timer")
    for path in own { try Files.removeIfPresent(path) }
    try manager.daemonReload()
    for type in [".timer", ".service"] { try manager.resetFailed(Self.unit(name) + type) }
  }

  private func stop(_ name: String) throws {
    do {
      let job = try manager.enqueue(.stop, Self.unit(name) + ".timer")
      _ = try manager.wait(for: [job], until: .now + .seconds(10))
    } catch SystemdError.noSuchUnit {
      return
    }
  }

  private func paths(_ name: String) -> [String] {
    [".timer", ".service"].map { "\(folder)/\(Self.unit(name))\($0)" }
  }

  private func isOwn(_ path: String) -> Bool {
    ((try? Files.read(path)) ?? []).starts(with: Self.mark.utf8)
  }

  private func timer(_ name: String, _ every: Double) -> String {
    let milliseconds = Int(exactly: (min(max(every, 1), 1e7) * 1000).rounded()) ?? 60_000
    return """
      \(Self.mark); removed when the watch ends: qtctl watch --stop --name \(name)
      [Unit]
      Description=Watch of \(name) by qtctl

      [Timer]
      OnActiveSec=\(milliseconds)ms
      OnUnitInactiveSec=\(milliseconds)ms
      AccuracySec=\(min(1000, milliseconds / 10))ms

      [Install]
      WantedBy=timers.target

      """
  }

  private func service(_ name: String, _ limit: Duration, _ program: String, _ environment: [String]) -> String {
    """
    \(Self.mark); removed when the watch ends: qtctl watch --stop --name \(name)
    [Unit]
    Description=A look of the watch of \(name) by qtctl
    StartLimitIntervalSec=0

    [Service]
    Type=oneshot
    ExecStart=\(Self.quoted(program.replacing("$", with: "$$"))) watch --once --by-timer --quiet --name \(name)
    \(environment.map { "Environment=" + Self.quoted($0) }.joined(separator: "\n"))
    TimeoutStartSec=\(limit.components.seconds)s
    StandardOutput=null
    StandardError=journal

    """
  }

  /// A word of a unit file (systemd.syntax(7)).
  static func quoted(_ word: String) -> String {
    let escaped = word.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("%", with: "%%")
    return "\"\(escaped)\""
  }
}
