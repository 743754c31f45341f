/// An error that knows with which status a command ends because of it. Each says what is wrong, where, and what to do.
package protocol CommandError: Error, Sendable, CustomStringConvertible {
  var exitStatus: ExitStatus { get }
}

/// The manifest, the release or the host is not as a command needs it, so nothing was changed.
package struct Refusal: CommandError, Hashable {
  /// Every finding, so that one look is enough to fix them all.
  package var findings: [String]

  package init(_ findings: [String]) { self.findings = findings }

  package var exitStatus: ExitStatus { .refused }
  package var description: String { findings.joined(separator: "\n") }
}
