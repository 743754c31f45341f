internal import Basics
internal import Deployment

/// Each file on the host is as the transaction left it: content, mode and owner, or absent.
enum FilesMatch: Check {
  static let id = "files.match"

  static func items(of subject: VerificationSubject) -> [ExpectedFile] { subject.files }

  static func name(of file: ExpectedFile) -> String { file.target }

  static func look(
    at file: ExpectedFile, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<FileView?, ProbeError>> {
    .seen(await run.files()[file.target])
  }

  /// - Parameter seen: `nil` where nothing exists at the path.
  static func judge(_ file: ExpectedFile, _ seen: Result<FileView?, ProbeError>) -> CheckResult {
    let view: FileView?
    switch seen {
    case .success(let value): view = value
    case .failure(let error): return fail(file.target, "expected to read it; \(error)")
    }
    switch (file.state, view) {
    case (.absent, nil):
      return pass(file.target, "absent, as it should be", ["present": false])
    case (.absent, .some(let view)):
      return fail(file.target, "expected no file, found a \(view.kind.rawValue)", evidence(file, view))
    case (.link(let link), let view):
      if view?.link == link { return pass(file.target, "points to \(link), as it should") }
      let found = view.map { "found \($0.link.map { "one to \($0)" } ?? "a \($0.kind.rawValue)")" }
      return fail(file.target, "expected a link to \(link), \(found ?? "found nothing")")
    case (.folder(let mode, let owner, let group), let view):
      return folder(file, view, mode, owner, group)
    case (.present, nil):
      return fail(file.target, "expected a file, found nothing", ["present": false])
    case (.present(let sha256, let mode, let owner, let group), .some(let view)):
      guard view.kind == .file else {
        return fail(file.target, "expected a regular file, found a \(view.kind.rawValue)", evidence(file, view))
      }
      let differences = [
        content(file, expected: sha256, view),
        difference("mode", mode.map(Digits.octal), Digits.octal(view.mode)),
        difference("owner", owner.map { "\($0)" }, "\(view.owner)"),
        difference("group", group.map { "\($0)" }, "\(view.group)"),
      ].compactMap { $0 }
      if differences.isEmpty {
        return pass(
          file.target, file.secret ? "as installed" : "as installed, \(view.size) bytes", evidence(file, view))
      }
      return fail(
        file.target, differences.joined(separator: "; ") + "; someone changed it after it was installed",
        evidence(file, view))
    }
  }

  private static func folder(
    _ file: ExpectedFile, _ view: FileView?, _ mode: UInt32?, _ owner: UInt32?, _ group: UInt32?
  ) -> CheckResult {
    guard let view, view.kind == .directory else {
      return fail(file.target, "expected a folder, found \(view.map { "a \($0.kind.rawValue)" } ?? "nothing")")
    }
    let differences = [
      difference("mode", mode.map(Digits.octal), Digits.octal(view.mode)),
      difference("owner", owner.map { "\($0)" }, "\(view.owner)"),
      difference("group", group.map { "\($0)" }, "\(view.group)"),
    ].compactMap { $0 }
    return differences.isEmpty
      ? pass(file.target, "a folder, as it should be", evidence(file, view))
      : fail(file.target, differences.joined(separator: "; "), evidence(file, view))
  }

  private static func content(_ file: ExpectedFile, expected: String?, _ view: FileView) -> String? {
    guard let expected, expected != view.sha256 else { return nil }
    if file.secret { return "its content differs" }
    guard let seen = view.sha256 else { return "expected \(file.size ?? 0) bytes, found \(view.size)" }
    return "expected sha256 \(expected.prefix(12))…, found \(seen.prefix(12))…"
  }

  private static func difference(_ what: String, _ expected: String?, _ seen: String) -> String? {
    guard let expected, expected != seen else { return nil }
    return "expected \(what) \(expected), found \(seen)"
  }

  private static func evidence(_ file: ExpectedFile, _ view: FileView) -> Evidence {
    var evidence: Evidence = [
      "present": true, "kind": .string(view.kind.rawValue), "mode": .string(Digits.octal(view.mode)),
      "owner": .int(Int(view.owner)), "group": .int(Int(view.group)),
    ]
    if !file.secret {
      evidence["size"] = .int(view.size)
      evidence["sha256"] = .optional(view.sha256)
      if case .present(let sha256, _, _, _) = file.state { evidence["sha256_expected"] = .optional(sha256) }
    }
    return evidence
  }
}
