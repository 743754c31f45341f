internal import Deployment
internal import Glibc
internal import Releases

/// The checks of the release have what they need on this host: curl for `https` and `body`, and the files of certificates.
package struct ChecksCanRun: PreflightCheck {
  /// What asks encrypted servers and reads bodies.
  static let curl = "/usr/bin/curl"

  package func findings(_ situation: PreflightSituation) -> [String] {
    let checks = situation.release?.manifest.verify.http ?? []
    let needing = checks.first { $0.isEncrypted || $0.body != nil }
    let curl = needing.flatMap { check -> String? in
      guard access(Self.curl, X_OK) != 0 else { return nil }
      return "the check of '\(check.url)' needs '\(Self.curl)', which is not installed; run: apt-get install curl"
    }
    let certificates = checks.compactMap(\.ca).filter { access($0, R_OK) != 0 && !isInstalled($0, by: situation) }
    return [curl].compactMap(\.self)
      + certificates.map { "the certificates '\($0)' of 'ca' in the manifest cannot be read; check the path" }
  }

  private func isInstalled(_ path: String, by situation: PreflightSituation) -> Bool {
    situation.change.desired.files.contains { $0.path == path && $0.state.exists }
  }
}
