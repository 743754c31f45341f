internal import Deployment
internal import FileOperations
internal import Glibc

/// Who may decide what is deployed.
package enum TrustedOwners {
  /// root, who runs this, and who asked for it through sudo or pkexec.
  package static var trusted: Set<UInt32> {
    let names: [String] = ["SUDO_UID", "PKEXEC_UID"]
    let behind = names.compactMap { name in getenv(name).flatMap { UInt32(String(cString: $0)) } }
    return Set([0, geteuid()] + behind)
  }

  /// Why what lies at `path` is not to be trusted.
  package static func faults(of path: String, mode: UInt32, owner: UInt32) -> [String] {
    guard !trusted.contains(owner) else { return writable(path, mode: mode) }
    return writable(path, mode: mode) + [
      "'\(path)' of the release belongs to \(Accounts.userName(owner)), who is neither root nor the user who deploys; "
        + "run: chown root \(path), or deploy through sudo as \(Accounts.userName(owner))"
    ]
  }

  /// Why anybody could change what lies at `path`.
  package static func writable(_ path: String, mode: UInt32) -> [String] {
    guard mode & 0o002 != 0 else { return [] }
    return [
      "'\(path)' of the release is writable by everybody (mode \(FileState.octal(mode))); run: chmod o-w \(path)"
    ]
  }
}
