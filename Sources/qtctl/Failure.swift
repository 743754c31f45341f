import Deployment
import Host
import Redis
import Systemd

/// The one place where an error becomes a message and an exit status.
enum Failure {
  static func report(_ command: String, _ error: any Error, _ session: Session) -> Report {
    let status = exitStatus(of: error)
    var report = Report(command, status == .internalError ? .failed : .refused, message: "\(error)")
    report.exit = status
    report.steps = session.recorder.steps
    return report
  }

  static func exitStatus(of error: any Error) -> ExitStatus {
    switch error {
    case let error as HostError: error.exitStatus
    case is ManifestError: .refused
    default: .internalError
    }
  }
}
