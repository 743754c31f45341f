internal import FileOperations
internal import Glibc
package import HostState
internal import Systemd
internal import Units

/// Asks what the process of a unit can reach: from inside the unit's sandbox and as its user.
///
/// A unit of its own with the same settings holds the sandbox open: its program is a few bytes of qtctl's own that wait,
/// since whatever else lies in the sandbox, shell and loader included, may be the release's. A copy of qtctl then goes in
/// there and asks the kernel.
package enum SandboxProbe {
  private static let limit: Duration = .seconds(10)

  /// All units are asked at once.
  package static func ask(
    _ units: [(unit: PlannedUnit, questions: [SandboxQuestion])], _ trial: any UnitTrial, state: StateFolder
  ) throws -> [SandboxAnswer] {
    guard !units.isEmpty else { return [] }
    return try IdleProgram.with(state) { program in
      try TrialUnits.with(units.map { text(of: $0.unit, program) }) { names in
        try trial.withRunning(names, within: limit) { running in
          try zip(units, running).map { unit, status in
            guard status.isActive, let pid = status.mainPID, pid > 0 else { return .impossible(status.execMainStatus) }
            let denied = try SandboxProcess(pid: pid).denied(unit.questions, within: limit)
            return denied.map { .denied($0) } ?? .impossible(nil)
          }
        }
      }
    }
  }

  private static func text(of unit: PlannedUnit, _ program: IdleProgram) -> String {
    """
    [Unit]
    Description=What \(unit.name.full) may read, asked by qtctl
    DefaultDependencies=no
    [Service]
    \(unit.question.joined(separator: "\n"))
    Type=exec
    ExecStart=:\(program.path)
    BindReadOnlyPaths=\(program.source):\(program.path)
    StandardInput=null
    StandardOutput=null
    StandardError=null
    TimeoutStartSec=5
    TimeoutStopSec=1
    RuntimeMaxSec=60

    """
  }
}

/// What the process of a unit is asked: whether it may read a file, or run it, or enter a folder.
package struct SandboxQuestion: Hashable {
  package enum Kind { case read, enter }
  package var kind: Kind
  package var path: String
}

/// The answer of a unit that asked as the user of another one, with its sandbox in force.
package enum SandboxAnswer {
  /// What it may not.
  case denied(Set<SandboxQuestion>)
  /// It could not be started; the exit status by which systemd says why (systemd.exec(5), "Process Exit Codes").
  case impossible(Int32?)
}
