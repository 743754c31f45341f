import Deployment
import FileOperations
import Redis
import SystemPackage
import Systemd
import Transactions
import Verification

/// The one place where an error becomes a message and an exit status.
enum Failure {
  static func report(_ command: String, _ error: any Error, _ session: Session) -> Report {
    let status = exitStatus(of: error)
    let hint = isMissingRight(error) ? "; qtctl's records are root's: run it with sudo" : ""
    var report = Report(command, status == .internalError ? .failed : .refused, message: "\(error)\(hint)")
    report.exit = status
    if case TransactionError.drift(let files) = error { report.content = .drift(files) }
    report.steps = session.recorder.steps
    return report
  }

  static func exitStatus(of error: any Error) -> ExitStatus {
    switch error {
    case let error as any CommandError: error.exitStatus
    case is ManifestError: .refused
    case _ where isMissingRight(error): .refused
    default: .internalError
    }
  }

  private static func isMissingRight(_ error: any Error) -> Bool {
    guard let error = error as? FileError, !Caller.isRoot else { return false }
    return error.errno == .permissionDenied || error.errno == .notPermitted
  }
}
