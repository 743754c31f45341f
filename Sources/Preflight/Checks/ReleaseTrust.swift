internal import Deployment
internal import FileOperations
internal import Glibc
internal import Releases

/// Nobody but root and the caller decides what is deployed.
package struct ReleaseTrust: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard let release = situation.release else { return [] }
    let own = try [release.folder, release.folder + "/" + Release.manifestName].flatMap { path in
      let state = try FileState.peek(path)
      return TrustedOwners.faults(of: path, mode: state.mode ?? 0, owner: state.owner ?? 0)
    }
    let sources = Set(situation.plan.installs.compactMap(\.origin)).sorted()
    return try own + sources.flatMap { TrustedOwners.writable($0, mode: try FileState.peek($0).mode ?? 0) }
  }
}
