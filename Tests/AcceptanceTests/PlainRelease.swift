import Rehearsal
import TestSupport

/// A service in sh, with its unit and a config, for tests of the transaction itself.
enum PlainRelease {
  static let folder = "/root/plain"
  static let unit = "plain.service"
  static let targets = ["/usr/local/bin/plain", "/etc/plain/plain.conf", "/etc/systemd/system/plain.service"]
  static let store = "/var/backups/qtctl"

  /// How the service behaves.
  enum Behaviour: String {
    case good = "systemd-notify --ready; exec sleep infinity"
    /// Ready after three seconds: time for something else to happen.
    case slow = "sleep 3; systemd-notify --ready; exec sleep infinity"
    /// Outlives SIGTERM.
    case stubborn = "trap '' TERM; systemd-notify --ready; while :; do sleep 1; done"
    case exits = "exit 3"
    /// Dies soon after it has said that it is ready.
    case dies = "systemd-notify --ready; sleep 0.5; exit 1"
    /// Never says that it is ready.
    case mute = "exec sleep infinity"
  }

  static func manifest(_ version: String, extra: String = "") -> String {
    """
    name: plain
    version: "\(version)"
    services:
      - unit: \(unit)
        ready: 5s
        stop: 2s
        files:
          - {source: plain, target: /usr/local/bin/plain, mode: "0755"}
          - {source: plain.conf, target: /etc/plain/plain.conf}
          - {source: plain.service, target: /etc/systemd/system/plain.service}
    \(extra)
    backups: {directory: \(store)}
    verify: {stable: 1s}

    """
  }

  /// Lays a release out on the site, in place of the last one.
  static func write(_ version: String, _ behaviour: Behaviour, extra: String = "", to site: Site) async throws {
    let unit = """
      [Unit]
      Description=plain \(version)
      [Service]
      Type=notify
      NotifyAccess=all
      ExecStart=/usr/local/bin/plain
      Restart=no
      [Install]
      WantedBy=multi-user.target

      """
    let machine = site.machine
    try await machine.write("#!/bin/sh\n# \(version)\n\(behaviour.rawValue)\n", to: folder + "/plain", mode: 0o755)
    try await machine.write("version \(version)\n", to: folder + "/plain.conf")
    try await machine.write(unit, to: folder + "/plain.service")
    try await machine.write(manifest(version, extra: extra), to: folder + "/qtctl.yaml")
  }

  /// What runs, by the manager's word: description and state.
  static func running(_ site: Site) async throws -> String {
    let lines = try await site.sh("for key in Description ActiveState; do systemctl show -P $key \(unit); done")
    return lines.split(separator: "\n").joined(separator: ", ")
  }

  /// Everything that a refused command must leave as it is: files, the unit's run, the backups, what is staged.
  static func everything(_ site: Site) async throws -> [String: String] {
    var all = try await site.state(of: targets)
    all["run"] = try await site.sh("systemctl show -P InvocationID -P ActiveState -P UnitFileState \(unit)")
    all["backups"] = try await site.sh("ls -A \(store) 2>/dev/null || true")
    all["staged"] = try await site.sh("find /usr/local/bin /etc/plain /etc/systemd -name '*qtctl*' 2>/dev/null || true")
    return all
  }
}
