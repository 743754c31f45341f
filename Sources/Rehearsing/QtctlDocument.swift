internal import Deployment
internal import FileOperations
internal import Rehearsal

/// What qtctl printed in the machine with `--json`, as far as a rehearsal needs it.
struct QtctlDocument: Decodable {
  var outcome: Outcome
  var stamp: String?
  var exit: Int32
  var seconds: Double
  var message: String
  var steps: [StepResult]
  var checks: [CheckResult]

  /// The names of the steps that a deploy takes whatever the release is.
  private static let frame: Set<String> = ["plan", "preflight", "back up", "stage", "verify", "keep evidence"]

  /// - Throws: `RehearsalUnavailable` where it printed no document.
  init(_ output: Machine.Output, command: String) throws {
    do {
      self = try JSON.decode(QtctlDocument.self, from: output.standardOutput, path: command)
    } catch {
      let said = output.stderr.split(separator: "\n").suffix(3).joined(separator: "; ")
      throw RehearsalUnavailable("'\(command)' in the machine ended by \(output.status) without a result: \(said)")
    }
  }

  /// What it changed.
  var changes: [StepResult] { steps.filter { !Self.frame.contains($0.name) } }

  /// Its message without what leads to files that are gone with the machine.
  var lastingMessage: String {
    message.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("Logs and diff: ") }
      .map { line in line.firstRange(of: "; logs and diff of").map { line[..<$0.lowerBound] } ?? line }
      .joined(separator: "\n")
  }

  func phase(_ name: RehearsalRecord.Phase.Name) -> RehearsalRecord.Phase {
    RehearsalRecord.Phase(
      name: name, passed: exit == 0, seconds: seconds, exit: exit, message: lastingMessage, steps: steps, checks: checks
    )
  }
}
