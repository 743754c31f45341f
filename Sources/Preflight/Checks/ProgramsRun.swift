internal import Basics
internal import Deployment
internal import Systemd
internal import Units

/// What a unit executes on its way up will be there, is executable and can run on this machine.
package struct ProgramsRun: PreflightCheck {
  /// Where systemd 252 looks for a command without a slash.
  private static let folders = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"]

  package func findings(_ situation: PreflightSituation) throws -> [String] {
    var findings: [String] = []
    // A hundred services may run one program.
    var known: [String: [String]] = [:]
    for unit in situation.units where !unit.hasOwnRoot {
      for command in unit.commands {
        let who = "\(command.directive) of \(unit.name.full)"
        let paths = command.path.hasPrefix("/") ? [command.path] : Self.folders.map { $0 + "/" + command.path }
        guard let file = paths.lazy.compactMap(situation.future.look).first else {
          // What an earlier command names, or what is made for the service when it starts, may be there by then.
          if unit.isOwn(command.path) || unit.isMade(command) { continue }
          findings.append("\(who): '\(command.path)' will not exist; add it to the release, or fix the unit file")
          continue
        }
        let judge = ProgramJudge(future: situation.future, libraryPath: unit.libraryPath)
        let key = [file.path, command.path, unit.libraryPath ?? ""].joined(separator: "\0")
        let faults = try known[key] ?? judge.faults(of: file, as: command.path)
        known[key] = faults
        findings += faults.map { "\(who): \($0)" }
      }
    }
    return findings.uniqued()
  }
}

extension PlannedUnit {
  /// Whether a command before it names its program, or a folder above it: it may put it there.
  fileprivate func isMade(_ command: ExecCommand) -> Bool {
    commands.prefix { $0 != command }.flatMap { $0.arguments.flatMap(PathWords.paths) }.contains { path in
      command.path == path || command.path.hasPrefix(path + "/")
    }
  }

  /// `LD_LIBRARY_PATH` of its `Environment=`.
  fileprivate var libraryPath: String? {
    let name = "LD_LIBRARY_PATH="
    return status.environment.last { $0.hasPrefix(name) }.map { String($0.dropFirst(name.count)) }
  }
}
