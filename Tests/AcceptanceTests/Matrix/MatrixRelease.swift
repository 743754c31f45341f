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

  /// Where the two services run.
  enum Host {
    /// With nothing beside them.
    case plain
    /// They use one file; the host's own units follow them, and a timer runs a oneshot that uses it, too.
    case woven
    /// They use one folder, in which files, folders and links come, go and change their kind; and a migration runs.
    case folder

    /// What runs before and after.
    var units: String {
      switch self {
      case .plain, .folder: "alpha beta"
      case .woven: "alpha beta mx-requires.service mx-part.service mx-job.timer"
      }
    }
  }

  static func folder(_ version: Int) -> String { "/root/matrix-\(version)" }

  /// Lays both out on the site.
  static func write(_ host: Host = .plain, to site: Site) async throws {
    try await write(1, mode: "0750", group: "adm", name: "old file", to: site)
    try await write(2, mode: "0755", group: "daemon", name: "new/deep/added", to: site)
    if host == .folder { for version in [1, 2] { try await addFolder(version, on: site) } }
    guard host == .woven else { return }
    for version in [1, 2] { try await weave(version, on: site) }
    try await site.sh(
      """
      cd /run/systemd/system; s='[Service]\\nExecStart=/bin/sleep infinity\\n'
      printf "[Unit]\\nRequires=alpha.service\\nAfter=alpha.service\\n$s" >mx-requires.service
      printf "[Unit]\\nPartOf=beta.service\\n$s" >mx-part.service
      printf '[Timer]\\nOnActiveSec=1s\\nOnUnitActiveSec=1s\\nAccuracySec=10ms\\n' >mx-job.timer
      systemctl daemon-reload
      """)
  }

  /// Adds what the services and the oneshot share. Each tells in `/run/matrix` with which version of it it started.
  private static func weave(_ version: Int, on site: Site) async throws {
    let folder = folder(version)
    for name in ["alpha", "beta"] {
      try await site.machine.write(
        "#!/bin/sh\nmkdir -p /run/matrix\ncp /opt/matrix/shared /run/matrix/\(name)\nexec sleep infinity\n",
        to: "\(folder)/\(name)")
    }
    try await site.machine.write("\(version)\n", to: folder + "/shared")
    try await site.machine.write(
      "[Unit]\nStartLimitIntervalSec=0\n[Service]\nType=oneshot\nExecStart=/bin/cat /opt/matrix/shared\n",
      to: folder + "/mx-job.service")
    try await site.sh(
      """
      cd \(folder)
      for unit in alpha beta; do
        printf 'Environment=SHARED=/opt/matrix/shared\\n' >line; sed -i '/^Type=exec/r line' $unit.service; rm line
      done
      cat >job <<'J'
        - unit: mx-job.service
          files:
            - {source: mx-job.service, target: /etc/systemd/system/mx-job.service}
      J
      printf 'files:\\n  - {source: shared, target: /opt/matrix/shared}\\n' >shared.yaml
      sed -i -e '/^backups/{' -e 'r shared.yaml' -e 'N' -e '}' qtctl.yaml
      sed -i '/^services:/r job' qtctl.yaml; rm job shared.yaml
      """)
  }

  /// Adds a folder, a link to it, and a migration that says in `/etc/matrix/schema` which version ran last. The host's own
  /// file is in the folder.
  private static func addFolder(_ version: Int, on site: Site) async throws {
    let contents =
      version == 1
      ? "mkdir -p deep/er gone/by; echo 1 >deep/er/f; echo 1 >gone/by/f; echo same >same; echo 1 >turns; ln -s same l"
      : "mkdir -p deep/er turns; echo 2 >deep/er/f; echo same >same; echo 2 >turns/f; echo 2 >gone; ln -s deep l; echo 2 >new"
    try await site.sh(
      """
      cd \(folder(version)); mkdir -p tree; cd tree; \(contents); cd ..
      printf '#!/bin/sh\necho \(version) >/etc/matrix/schema; touch -d @1 /etc/matrix/schema\n' >migrate
      printf '#!/bin/sh\necho \(3 - version) >/etc/matrix/schema; touch -d @1 /etc/matrix/schema\n' >undo; chmod 755 migrate undo
      cat >>qtctl.yaml <<'Y'
      files:
        - {source: tree, target: /opt/matrix/tree}
        - {link: tree, target: /opt/matrix/current}
      hooks: {migrate: {run: [./migrate], undo: [./undo]}}
      Y
      for unit in alpha beta; do sed -i '/^Type=exec/a WorkingDirectory=/opt/matrix/tree' $unit.service; done
      """)
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
