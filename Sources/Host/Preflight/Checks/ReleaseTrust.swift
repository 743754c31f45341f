internal import Deployment
internal import Glibc

/// Nobody but root and the caller decides what is deployed.
struct ReleaseTrust: PreflightCheck {
  /// root, who runs this, and who asked for it through sudo or pkexec.
  static var trusted: Set<UInt32> {
    let names: [String] = ["SUDO_UID", "PKEXEC_UID"]
    let behind = names.compactMap { name in getenv(name).flatMap { UInt32(String(cString: $0)) } }
    return Set([0, geteuid()] + behind)
  }

  func findings(_ situation: PreflightSituation) throws -> [String] {
    guard let release = situation.release else { return [] }
    let own = try [release.folder, release.folder + "/" + Release.manifestName].flatMap { path in
      let state = try FileState.peek(path)
      return Self.faults(of: path, mode: state.mode ?? 0, owner: state.owner ?? 0)
    }
    let sources = Set(situation.plan.installs.compactMap(\.origin)).sorted()
    return try own + sources.flatMap { Self.writable($0, mode: try FileState.peek($0).mode ?? 0) }
  }

  /// Why what lies at `path` is not to be trusted.
  static func faults(of path: String, mode: UInt32, owner: UInt32) -> [String] {
    guard !trusted.contains(owner) else { return writable(path, mode: mode) }
    return writable(path, mode: mode) + [
      "'\(path)' of the release belongs to \(Accounts.userName(owner)), who is neither root nor the one who deploys; "
        + "run: chown root \(path), or deploy through sudo as \(Accounts.userName(owner))"
    ]
  }

  private static func writable(_ path: String, mode: UInt32) -> [String] {
    guard mode & 0o002 != 0 else { return [] }
    return [
      "'\(path)' of the release may be written by everybody (mode \(FileState.octal(mode))); run: chmod o-w \(path)"
    ]
  }
}
