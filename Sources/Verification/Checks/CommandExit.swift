internal import Basics
internal import Deployment

/// A program of the manifest exits 0 in time, at the start of the window and at its end.
enum CommandExit: Check {
  static let id = "command"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [Manifest.Command] { subject.verify.commands }

  static func name(of command: Manifest.Command) -> String { command.name }

  static func severity(of command: Manifest.Command, _ subject: VerificationSubject) -> Manifest.Severity {
    command.severity
  }

  static func look(
    at command: Manifest.Command, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<CommandView, ProbeError>> {
    switch moment {
    case .start where !command.repeats: return .later
    case .end where command.repeats: return .seen(await CommandRun.look(at: command, within: command.within))
    case .only, .start, .end: break
    }
    guard command.repeats else { return .seen(await CommandRun.look(at: command, within: command.within)) }
    return await Repetition.look(within: command.within, run) { left in
      await CommandRun.look(at: command, within: left)
    } passes: {
      judge(command, $0).status == .pass
    }
  }

  static func judge(_ command: Manifest.Command, _ seen: Result<CommandView, ProbeError>) -> CheckResult {
    let line = command.run.joined(separator: " ")
    let view: CommandView
    switch seen {
    case .success(let value): view = value
    case .failure(let error): return fail(command.name, "could not run '\(line)': \(error)")
    }
    let evidence: Evidence = [
      "run": .array(command.run.map(JSONValue.string)), "exit": .optional(view.exit), "signal": .optional(view.signal),
      "output": .string(view.tail),
    ]
    let output = view.tail.isEmpty ? "; it printed nothing" : "; it printed: \(view.tail)"
    switch view.end {
    case .exited(0): return pass(command.name, "exit 0", evidence)
    case .exited(let code): return fail(command.name, "expected exit 0 of '\(line)', got \(code)\(output)", evidence)
    case .signaled(let signal):
      return fail(command.name, "expected exit 0 of '\(line)', signal \(signal) killed it\(output)", evidence)
    case .late:
      return fail(
        command.name, "expected '\(line)' to exit 0 within \(command.within.text); it was killed\(output)", evidence)
    }
  }
}
