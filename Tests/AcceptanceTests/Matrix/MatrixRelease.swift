import Rehearsal
import TestSupport

/// Two releases of two services. The second replaces, adds and removes files, has other modes and owners, changes a unit
/// file and leaves another as it is.
enum MatrixRelease {
  static let store = "/var/backups/matrix"
  /// Everything on the host that the releases may change.
  static let places = "/opt/matrix /etc/matrix /etc/systemd/system"

  /// The files that are written while they are put in place, and qtctl's records.
  static let written =
    ["/opt/matrix/.alpha", "/etc/matrix/.al pha.conf", "/opt/matrix/.old file", "/opt/matrix/new/deep/.added"].map {
      $0 + ".qtctl-staged"
    } + [
      "/etc/systemd/system/.alpha.service.qtctl-staged", "/var/lib/qtctl/.transaction.jsonl.qtctl-staged",
      "/var/lib/qtctl/installed/.matrix.json.qtctl-staged", "/var/lib/qtctl/transaction.jsonl",
      "/var/lib/qtctl/history.jsonl",
    ]

  static func folder(_ version: Int) -> String { "/root/matrix-\(version)" }

  /// Lays both out on the site.
  static func write(to site: Site) async throws {
    try await write(1, mode: "0750", group: "adm", name: "old file", to: site)
    try await write(2, mode: "0755", group: "daemon", name: "new/deep/added", to: site)
  }

  private static func write(_ version: Int, mode: String, group: String, name: String, to site: Site) async throws {
    let manifest = """
      name: matrix
      version: "\(version)"
      services:
        - unit: beta.service
          files:
            - {source: beta, target: /opt/matrix/beta, mode: "0755"}
            - {source: beta.service, target: /etc/systemd/system/beta.service}
        - unit: alpha.service
          files:
            - {source: alpha, target: /opt/matrix/alpha, mode: "\(mode)", group: \(group)}
            - {source: alpha.conf, target: "/etc/matrix/al pha.conf", mode: "0640", secret: true}
            - {source: extra, target: "/opt/matrix/\(name)"}
            - {source: alpha.service, target: /etc/systemd/system/alpha.service}
      backups: {directory: \(store), keep: 2}
      verify: {stable: 100ms}

      """
    let program = "#!/bin/sh\nexec sleep infinity\n"
    for (file, text) in [
      ("qtctl.yaml", manifest), ("beta", program), ("alpha", program + "# \(version)\n"),
      ("beta.service", unit("beta")), ("alpha.service", unit("alpha \(version)")),
      ("alpha.conf", "version = \(version)\n"), ("extra", String(repeating: "\(version)", count: 70_000)),
    ] { try await site.machine.write(text, to: "\(folder(version))/\(file)") }
  }

  private static func unit(_ description: String) -> String {
    """
    [Unit]
    Description=\(description)
    [Service]
    Type=exec
    ExecStart=/opt/matrix/\(description.split(separator: " ")[0])
    [Install]
    WantedBy=multi-user.target

    """
  }
}
