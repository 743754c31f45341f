internal import Deployment

/// The running process executes the installed file: the same inode, not deleted, with the digest that was installed.
/// A script is run by an interpreter, so its time is compared: a script that changed after its process started is not
/// what runs. And every process of the unit started after the last change of each file that it uses, and has no old
/// version of one open.
enum UnitCurrent: Check {
  static let id = "unit.current"

  /// A file's time and a process's start come from clocks of different grain.
  private static let grain = 0.05

  struct Seen: Sendable {
    /// The main process; `nil`: there is none.
    var main: Result<ProcessView, ProbeError>?
    /// Every process of the unit.
    var processes: [ProcessView] = []
    /// The files of the release that exist, the unit's own first.
    var files: [InstalledFile]
    /// When the transaction being verified began, in seconds since 1970; `nil`: there is none.
    var since: Double?
    /// Whether processes may survive a stop of the unit (`KillMode=`).
    var leavesProcesses = false
  }

  static func items(of subject: VerificationSubject) -> [ExpectedUnit] {
    subject.files.isEmpty ? [] : subject.units.filter { $0.target != .stopped }
  }

  static func name(of unit: ExpectedUnit) -> String { unit.name }

  static func severity(of unit: ExpectedUnit, _ subject: VerificationSubject) -> Manifest.Severity { unit.severity }

  static func look(at unit: ExpectedUnit, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    guard case .success(let view) = await run.unit(unit.name), view.isActive else {
      return .skipped(because: "it is not active")
    }
    let files = await run.files().installed(run.subject.files, of: unit.name)
    let found = await run.processes(of: unit.name)
    guard view.pid != nil || !found.isEmpty else { return .skipped(because: "it has no process") }
    let main = view.pid.map { pid in
      found.first { $0.pid == pid }.map { .success($0) } ?? ProcessView.look(at: pid)
    }
    // unit.active and unit.stable judge that.
    if case .failure? = main, let pid = view.pid, ProcessView.hasEnded(pid) {
      return .skipped(because: "its main process, pid \(pid), ended while it was looked at")
    }
    return .seen(
      Seen(
        main: main, processes: found, files: files.filter(\.isOwn) + files.filter { !$0.isOwn },
        since: run.subject.since.map { Double($0) / 1e6 }, leavesProcesses: view.leavesProcesses))
  }

  static func judge(_ expected: ExpectedUnit, _ seen: Seen) -> CheckResult {
    let unit = expected.name
    for process in seen.processes {
      guard let fault = fault(of: process, seen) else { continue }
      let left = seen.leavesProcesses && process.pid != (try? seen.main?.get().pid)
      let evidence = evidence(process, fault.file)
      return left
        ? warn(unit, "\(fault.sentence); KillMode= lets it survive a restart", evidence)
        : fail(unit, "\(fault.sentence); restart it: qtctl restart \(unit)", evidence)
    }
    let own = seen.files.filter(\.isOwn)
    switch seen.main {
    case nil: return pass(unit, "\(seen.processes.count) processes, each newer than the files that it uses")
    case .failure(let error): return fail(unit, "cannot look at its main process: \(error)")
    case .success(let process): return main(unit, process, own, seen)
    }
  }

  /// What is wrong with a process: it has an old version of a file of the release open, or is older than a file that it
  /// uses.
  private static func fault(of process: ProcessView, _ seen: Seen) -> (sentence: String, file: InstalledFile)? {
    if let file = seen.files.first(where: { process.deletedFiles.contains($0.target) }) {
      return ("pid \(process.pid) has a deleted version of \(file.target) open", file)
    }
    for file in seen.files where file.identity != process.identity {
      let isSwapped = seen.since.map { file.changed >= $0 && file.changed > process.started + grain } ?? false
      // Of thousands of files few are newer than a process; only of these it is asked how they are used.
      guard isSwapped || file.modified > process.started + grain else { continue }
      let use = process.use(of: file)
      // What no transaction swapped counts only where the process is seen to use it: files.match tells whether it differs.
      guard isSwapped && file.isOwn || use != nil else { continue }
      // The script that the main process runs is judged with its digest.
      if !isSwapped, process.arguments.dropFirst().contains(file.target) { continue }
      let how = use ?? "one of its unit's files"
      return ("pid \(process.pid) started before \(file.target), \(how), was installed", file)
    }
    return nil
  }

  private static func main(
    _ unit: String, _ process: ProcessView, _ files: [InstalledFile], _ seen: Seen
  ) -> CheckResult {
    if let file = files.first(where: { $0.identity == process.identity }) { return digest(unit, process, file) }
    if let file = files.first(where: { $0.target == process.executable }) { return other(unit, process, file) }
    if let file = files.first(where: { process.arguments.dropFirst().contains($0.target) }) {
      return script(unit, process, file)
    }
    if let file = files.first(where: \.executable) {
      return warn(
        unit,
        "its release brings the program \(file.target), but pid \(process.pid) runs \(process.executable), which is"
          + " not one of its files; look for a drop-in: systemctl cat \(unit)", evidence(process, nil))
    }
    if let used = seen.files.first(where: { process.use(of: $0) != nil }) {
      return pass(
        unit,
        "\(max(seen.processes.count, 1)) processes, each newer than the files of the release that it uses, such as"
          + " \(used.target)", evidence(process, used))
    }
    return skip(unit, because: "it runs \(process.executable), which is not one of its release's files")
  }

  private static func digest(_ unit: String, _ process: ProcessView, _ file: InstalledFile) -> CheckResult {
    if process.deleted {
      return fail(
        unit, "pid \(process.pid) runs a deleted file that was \(process.executable); restart it",
        evidence(process, file))
    }
    if let expected = file.expected, expected != file.sha256 {
      return fail(
        unit, "pid \(process.pid) runs \(file.target), but that is not the file that was installed",
        evidence(process, file))
    }
    return pass(unit, "pid \(process.pid) runs the installed \(file.target)", evidence(process, file))
  }

  private static func other(_ unit: String, _ process: ProcessView, _ file: InstalledFile) -> CheckResult {
    let what = process.deleted ? "a deleted file that was" : "another file than the one now at"
    return fail(
      unit, "pid \(process.pid) runs \(what) \(file.target): the program was replaced while it ran; restart it",
      evidence(process, file))
  }

  private static func script(_ unit: String, _ process: ProcessView, _ file: InstalledFile) -> CheckResult {
    let what = "pid \(process.pid) runs the script \(file.target) by \(process.executable)"
    if let expected = file.expected, expected != file.sha256 {
      return fail(unit, "\(what), but that is not the script that was installed", evidence(process, file))
    }
    if file.modified > process.started + grain {
      return fail(
        unit, "\(what), but the script changed after the process started; restart it", evidence(process, file))
    }
    if file.changed > process.started + grain {
      return warn(
        unit, "\(what), whose name or attributes changed after the process started: it may not be what was read",
        evidence(process, file))
    }
    return pass(unit, "\(what), unchanged since the process started", evidence(process, file))
  }

  private static func evidence(_ process: ProcessView, _ file: InstalledFile?) -> Evidence {
    var evidence: Evidence = [
      "main_pid": .int(process.pid), "executable": .string(process.executable), "deleted": .bool(process.deleted),
      "inode": .int(Int(truncatingIfNeeded: process.identity.inode)), "started": .double(process.started),
    ]
    guard let file else { return evidence }
    evidence["target"] = .string(file.target)
    evidence["target_inode"] = .int(Int(truncatingIfNeeded: file.identity.inode))
    evidence["sha256"] = .optional(file.sha256)
    evidence["sha256_expected"] = .optional(file.expected)
    return evidence
  }
}
