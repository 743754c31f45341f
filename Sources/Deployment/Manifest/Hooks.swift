internal import Basics

extension Manifest {
  /// Programs that are part of a deploy, each run as root in the folder of the release. A deploy that changes no file runs
  /// none of them.
  package struct Hooks: Sendable, Hashable {
    /// After staging, before the first stop. Its failure ends the deploy before anything is touched; what it did stays.
    package var prepare: Hook?
    /// When the files are swapped, before the first start or reload.
    package var migrate: Hook?
    /// After the outcome. Its failure is a warning.
    package var finished: Hook?

    package init() {}

    package var all: [(name: HookCall.Name, hook: Hook)] {
      [(.prepare, prepare), (.migrate, migrate), (.finished, finished)].compactMap { name, hook in
        hook.map { (name, $0) }
      }
    }
  }

  package struct Hook: Sendable, Hashable {
    /// The program, absolute or relative to the folder of the release, and its arguments. No shell, no search in `PATH`.
    package var run: [String]
    /// What takes back what `run` did; only `migrate` has it. It may be run when `run` ran in part, not at all, or was
    /// taken back before.
    package var undo: [String]?
    package var within: Duration

    package init(run: [String], undo: [String]? = nil, within: Duration = Self.usually) {
      self.run = run
      self.undo = undo
      self.within = within
    }

    package static let usually = Duration.seconds(300)
    /// The default of `finished`.
    package static let usuallyFinished = Duration.seconds(30)
  }
}

/// One run of a hook, with all that a later process needs to run it or to end it.
package struct HookCall: Sendable, Hashable, Codable {
  package enum Name: String, Sendable, Hashable, Codable {
    case prepare, migrate, undo, finished
    /// Of a watch, and of no transaction.
    case alarm
  }

  package var name: Name
  /// As in the manifest.
  package var run: [String]
  /// Absolute; where it runs, and where a relative program is.
  package var folder: String
  package var seconds: Double
  /// What it is given on its standard input.
  package var input: HookInput
  /// The name of its control group, without the suffix; a run has one of its own.
  package var scope: String

  package init(
    _ name: Name, run: [String], in folder: String, within limit: Duration, input: HookInput, scope: String
  ) {
    self.name = name
    self.run = run
    self.folder = folder
    seconds = limit / .seconds(1)
    self.input = input
    self.scope = scope
  }

  package var limit: Duration { .seconds(min(max(seconds, 0), 86_400)) }
  /// The program, absolute.
  package var program: String {
    let program = run.first ?? ""
    return program.hasPrefix("/") ? program : folder + "/" + program
  }
  /// As a person would type it.
  package var line: String { run.joined(separator: " ") }
  /// What it is called in steps and messages.
  package var title: String {
    switch name {
    case .undo: "hook migrate's undo"
    case .alarm: "the watch's alarm"
    case .prepare, .migrate, .finished: "hook \(name.rawValue)"
    }
  }
}

/// What a hook is told about the transaction, as JSON on its standard input. What is not known is `null`.
package struct HookInput: Sendable, Hashable, Codable {
  package static let currentSchema = "qtctl-hook/1"

  package var schema = HookInput.currentSchema
  package var hook: HookCall.Name
  /// The manifest's name.
  package var name: String
  package var command: String
  package var user: String
  package var reason: String?
  /// The backup of the state before.
  package var stamp: Stamp?
  package var from: ReleaseIdentity?
  package var to: ReleaseIdentity?
  /// The files that change.
  package var files: [String]
  /// The units that are stopped, started or reloaded.
  package var units: [String]
  /// How it ended; for `finished`, and for `alarm` where there was a rollback.
  package var outcome: Outcome?
  /// What is wrong, in sentences; for `alarm`.
  package var failures: [String]?

  package init(
    _ hook: HookCall.Name, name: String, command: String, user: String, files: [String], units: [String]
  ) {
    self.hook = hook
    self.name = name
    self.command = command
    self.user = user
    self.files = files
    self.units = units
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(hook, forKey: .hook)
    try container.encode(name, forKey: .name)
    try container.encode(command, forKey: .command)
    try container.encode(user, forKey: .user)
    try container.encode(reason, forKey: .reason)
    try container.encode(stamp, forKey: .stamp)
    try container.encode(from, forKey: .from)
    try container.encode(to, forKey: .to)
    try container.encode(files, forKey: .files)
    try container.encode(units, forKey: .units)
    try container.encode(outcome, forKey: .outcome)
    try container.encode(failures, forKey: .failures)
  }
}

/// How a hook ended, and what it printed.
package struct HookEnd: Sendable, Hashable {
  package enum End: Sendable, Hashable {
    case exited(Int)
    case signaled(Int)
    /// It was still running at its deadline, and was killed.
    case late
  }

  package var end: End
  /// At most the first and the last parts of what it printed.
  package var output: String

  package init(_ end: End, output: String) {
    self.end = end
    self.output = output
  }

  package var succeeded: Bool { end == .exited(0) }
  /// The last lines, for a message.
  package var tail: String {
    let lines = output.split(whereSeparator: \.isNewline).suffix(10)
    return String(lines.joined(separator: "\n").suffix(2000))
  }
}

/// A hook did not succeed.
package struct HookError: CommandError, Hashable {
  package let call: HookCall
  package let why: String

  package init(_ call: HookCall, _ end: HookEnd) {
    self.call = call
    let how =
      switch end.end {
      case .exited(let status): "exited with status \(status)"
      case .signaled(let signal): "was killed by signal \(signal)"
      case .late: "did not end within \(call.limit.text) and was killed"
      }
    why = how + (end.tail.isEmpty ? "; it printed nothing" : "; it printed:\n\(end.tail)")
  }

  package init(_ call: HookCall, why: String) {
    self.call = call
    self.why = why
  }

  package var exitStatus: ExitStatus { .refused }
  package var description: String { "\(call.title) ('\(call.line)') \(why)" }
}
