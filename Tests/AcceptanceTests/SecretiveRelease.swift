import Rehearsal
import TestSupport

/// `PlainRelease` with a secret, and a service that starts only where `/etc/allowed` exists.
enum SecretiveRelease {
  static let secret = "/etc/plain/plain.key"
  static let conf = "/etc/plain/plain.conf"
  /// In every version of the secret.
  static let word = "hunter"

  enum Behaviour { case good, needsPermission, failsCheck }

  static func write(_ version: String, _ behaviour: Behaviour, to site: Site) async throws {
    try await PlainRelease.write(version, .good, to: site)
    let unit = "      - {source: plain.service,"
    let secret = "      - {source: plain.key, target: \(secret), mode: \"0600\", secret: true}\n"
    var manifest = PlainRelease.manifest(version).replacing(unit, with: secret + unit)
    if behaviour == .failsCheck {
      manifest = manifest.replacing("{stable: 1s}", with: "{stable: 0s, commands: [{name: never, run: [/bin/false]}]}")
    }
    let folder = PlainRelease.folder
    try await site.machine.write(manifest, to: folder + "/qtctl.yaml")
    try await site.machine.write("\(word)\(version)\n", to: folder + "/plain.key")
    guard behaviour == .needsPermission else { return }
    try await site.machine.write(
      """
      #!/bin/sh
      # \(version)
      [ -e /etc/allowed ] || { echo "not allowed to start here"; exit 3; }
      systemd-notify --ready
      exec sleep infinity

      """, to: folder + "/plain", mode: 0o755)
  }
}
