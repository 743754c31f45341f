internal import Deployment

/// The running process executes the installed file: the same inode, not deleted, with the digest that was installed.
/// A script is run by an interpreter, so its time is compared: a script that changed after its process started is not
/// what runs.
enum UnitCurrent: Check {
  static let id = "unit.current"

  /// A file's time and a process's start come from clocks of different grain.
  private static let grain = 0.05

  struct Seen: Sendable {
    var process: Result<ProcessView, ProbeError>
    /// The unit's own files that exist.
    var files: [InstalledFile]
  }

  static func items(of subject: VerificationSubject) -> [String] {
    subject.units.filter { unit in subject.files.contains { $0.unit == unit } }
  }

  static func look(at unit: String, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    guard case .success(let view) = await run.unit(unit), view.isActive else {
      return .skipped(because: "it is not active")
    }
    guard view.pid != nil else { return .skipped(because: "it has no main process") }
    let files = await run.files().installed(run.subject.files, of: unit)
    return .seen(Seen(process: await run.process(of: unit), files: files))
  }

  static func judge(_ unit: String, _ seen: Seen) -> CheckResult {
    let files = seen.files
    let process: ProcessView
    switch seen.process {
    case .success(let value): process = value
    case .failure(let error): return fail(unit, "cannot look at its main process: \(error)")
    }
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
