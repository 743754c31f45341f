internal import Deployment
internal import FileOperations
internal import Releases

/// Nobody but root and the caller decides what is deployed.
package struct ReleaseTrust: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard let release = situation.release else { return [] }
    let sources = Set(situation.plan.installs.compactMap(\.origin))
    let paths = [release.folder + "/" + Release.manifestName] + sources.sorted()
    // An archive is unpacked in qtctl's own folder, and was judged when it was opened.
    return PathTrust.deployer.faults(of: paths).map { fault in
      "of the release, \(fault), so that others than root and you decide what is deployed; run: "
        + "chown \(Caller.name) '\(fault.path)' && chmod go-w '\(fault.path)'"
    }
  }
}
