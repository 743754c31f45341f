import Rehearsal
import TestSupport

/// Services that will not do what a service manager asks of them, each in sh with a unit of its own.
struct StubbornRelease {
  /// A service: its name, the lines of its `[Service]` section, and its program.
  struct Service {
    var name: String
    var unit: String
    var program: String

    /// Does all that is asked of it.
    static func good(_ name: String) -> Service {
      Service(name: name, unit: "Type=notify\nNotifyAccess=all", program: "systemd-notify --ready; exec sleep infinity")
    }

    /// Outlives SIGTERM.
    static func deaf(_ name: String) -> Service {
      Service(
        name: name, unit: "Type=notify\nNotifyAccess=all",
        program: "trap '' TERM; systemd-notify --ready; while :; do sleep 1; done")
    }
  }

  static let folder = "/root/stubborn"

  var version: String
  var services: [Service]
  var stable = "1s"
  var stop = "3s"

  /// Lays the release out on the site, in place of the last one.
  func write(to site: Site) async throws {
    var yaml = "name: stubborn\nversion: \"\(version)\"\nservices:\n"
    for service in services {
      let unit = """
        [Unit]
        Description=\(service.name) \(version)
        StartLimitIntervalSec=60
        StartLimitBurst=3
        [Service]
        ExecStart=/usr/local/bin/\(service.name)
        \(service.unit)

        """
      let program = "#!/bin/sh\n# \(version)\n\(service.program)\n"
      try await site.machine.write(program, to: "\(Self.folder)/\(service.name)", mode: 0o755)
      try await site.machine.write(unit, to: "\(Self.folder)/\(service.name).service")
      yaml += """
          - unit: \(service.name).service
            ready: 5s
            stop: \(stop)
            files:
              - {source: \(service.name), target: /usr/local/bin/\(service.name)}
              - {source: \(service.name).service, target: /etc/systemd/system/\(service.name).service}

        """
    }
    yaml += "backups: {directory: /var/backups/stubborn}\nverify: {stable: \(stable)}\n"
    try await site.machine.write(yaml, to: Self.folder + "/qtctl.yaml")
  }

  /// Writes and deploys it.
  func deploy(to site: Site) async throws -> QtctlRun {
    try await write(to: site)
    return try await site.qtctl("deploy", Self.folder)
  }

  /// A service's state by the manager's word, and how many processes of its program there are, outside its control
  /// group included. Those of the good one are `sleep`s.
  static func running(_ name: String, _ site: Site) async throws -> String {
    try await site.sh(
      "echo \"$(systemctl show -P Description -P ActiveState \(name) | paste -s -d ' '),\""
        + " \"$(pgrep -c -f '^/bin/sh /usr/local/bin/\(name)')\"")
  }
}
