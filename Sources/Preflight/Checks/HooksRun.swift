internal import Basics
internal import Deployment
internal import FileOperations
internal import HostState
internal import Releases

/// The hooks of the release will be there, can run on this machine, and are nobody else's.
package struct HooksRun: PreflightCheck {
  package func findings(_ situation: PreflightSituation) throws -> [String] {
    guard let release = situation.release, !situation.plan.changedFiles.isEmpty else { return [] }
    return try release.manifest.hooks.all.flatMap { name, hook -> [String] in
      let who = "hook \(name.rawValue)"
      return try faults(of: hook.run, who, isFirst: name == .prepare, situation)
        + (hook.undo.map { try faults(of: $0, who + "'s undo", isUndo: true, situation) } ?? [])
    }.uniqued()
  }

  /// - Parameters:
  ///   - isFirst: whether it runs before the files of the release are in place.
  ///   - isUndo: whether it runs in a copy of the release.
  private func faults(
    of run: [String], _ who: String, isFirst: Bool = false, isUndo: Bool = false, _ situation: PreflightSituation
  ) throws -> [String] {
    guard let written = run.first, let folder = situation.release?.contents else { return [] }
    let path = Paths.resolve(written, in: folder)
    let isOfRelease = path.hasPrefix(folder + "/")
    guard let file = situation.future.look(path) else {
      return [
        isOfRelease
          ? "\(who): '\(path)' does not exist; add it to the release, or correct 'hooks' in the manifest"
          : "\(who): '\(path)' does not exist; install it, or correct 'hooks' in the manifest"
      ]
    }
    if isFirst, file.isNew {
      return ["\(who): '\(path)' is installed by this very release, after the hook has run; name its source instead"]
    }
    var faults = try ProgramJudge(future: situation.future, libraryPath: nil).faults(of: file, as: path)
    // What is new is put in place by this transaction, and judged as a file of the release.
    if !file.isNew, let fault = (isOfRelease ? PathTrust.deployer : .root).fault(of: path) {
      faults.append(
        "\(fault), so that others decide what runs as root; run: chown root '\(fault.path)' && chmod go-w '\(fault.path)'"
      )
    }
    if isUndo, isOfRelease, IdleProgram.isNoExec(situation.state.path) {
      faults.append(
        "it is kept in '\(situation.state.path)', which is mounted noexec; run it by its interpreter, as in "
          + "[/bin/sh, \(written)]")
    }
    return faults.map { "\(who): \($0)" }
  }
}
