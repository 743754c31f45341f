import Rehearsal
import TestSupport

/// A release in two versions, laid out on a site: files by name, and their targets. `VERSION` in a text is the version.
struct CaseRelease {
  static let units = "/etc/systemd/system"

  /// A service that stays, and tells its version by its command line.
  static let program = "#!/bin/sh\n# VERSION\nexec sleep infinity\n"

  static func service(_ program: String, unit: String = "", service: String = "Type=exec") -> String {
    "[Unit]\n\(unit)\n[Service]\n\(service)\nExecStart=\(program)\n[Install]\nWantedBy=multi-user.target\n"
  }

  let name: String
  /// By unit: sources and their targets.
  let services: [(unit: String, files: [(source: String, target: String)])]
  let files: [String: String]
  var start = "in-order"

  func folder(_ version: Int) -> String { "/root/cases/\(name)/v\(version)" }

  private var manifest: String {
    let services = self.services.map { service in
      "  - unit: \(service.unit)\n    files:\n"
        + service.files.map { file in
          let mode = file.target.hasPrefix("/usr/local/bin/") ? ", mode: \"0755\"" : ""
          return "      - {source: '\(file.source)', target: '\(file.target)'\(mode)}\n"
        }.joined()
    }.joined()
    return "name: \(name)\nstart: \(start)\nservices:\n\(services)backups: {directory: /var/backups/\(name)}\n"
      + "verify: {stable: 1s}\n"
  }

  /// Writes both versions.
  func write(to site: Site) async throws {
    for version in [1, 2] {
      for (name, text) in files {
        try await site.machine.write(
          text.replacing("VERSION", with: String(version)), to: folder(version) + "/" + name)
      }
      try await site.machine.write(manifest, to: folder(version) + "/qtctl.yaml")
    }
  }

  func deploy(_ version: Int, on site: Site) async throws -> QtctlRun {
    try await site.qtctl("deploy", folder(version))
  }

  func rollBack(on site: Site) async throws -> QtctlRun { try await site.qtctl("rollback", "--name", name) }
}

extension Site {
  /// The invocation of each unit: another one after each start.
  func invocations(_ units: String...) async throws -> [String] {
    try await sh("for u in \(units.joined(separator: " ")); do systemctl show -P InvocationID $u; done")
      .split(separator: "\n").map(String.init)
  }

  func active(_ units: String...) async throws -> String {
    try await sh("systemctl is-active \(units.joined(separator: " ")) || true")
      .split(separator: "\n").joined(separator: " ")
  }
}
