internal import Basics
package import Deployment

/// The service manager could not bring a unit where it should be.
package enum UnitError: CommandError, Hashable {
  case notReady(unit: String, why: String)
  case notReloaded(unit: String, why: String)
  case stillRunning([String])
  /// Each of more than one.
  case several([UnitError])

  /// The single errors.
  package var each: [UnitError] { if case .several(let errors) = self { errors } else { [self] } }

  /// Whether it says no more than that one of these units is not ready.
  package func isOf(_ units: Set<String>) -> Bool {
    if case .notReady(let unit, _) = self { units.contains(unit) } else { false }
  }

  package var exitStatus: ExitStatus { .unhealthy }

  package var description: String {
    switch self {
    case .notReady(let unit, let why):
      "\(unit) did not become ready: \(why); see its log: qtctl logs \(ShellWord.of(unit))"
    case .notReloaded(let unit, let why):
      "\(unit) could not be reloaded: \(why); see its log: qtctl logs \(ShellWord.of(unit))"
    case .stillRunning(let units):
      "\(units.joined(separator: ", ")) still running after SIGKILL; look for processes in uninterruptible sleep with "
        + "'ps -eo pid,stat,cmd | grep \" D\"'"
    case .several(let errors): errors.map(\.description).joined(separator: "\n")
    }
  }
}
