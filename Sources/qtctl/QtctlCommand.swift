import ArgumentParser
import Commit
import Deployment
import FileOperations
import Glibc
import HostState
import KnownDigests
import Manifests
import Presentation
import Redis
import Remote
import Status
import SystemPackage
import Systemd
import Terminal
import Transactions
import Verification

/// A verb of qtctl: it does its work and returns a report; everything around that is here, once.
protocol QtctlCommand: AsyncParsableCommand {
  var global: GlobalOptions { get }
  /// - Throws: whatever failed; `Failure` makes a report of it.
  func perform(_ session: Session) async throws -> CommandResult
  /// Whether it changes what qtctl's records say of the host.
  static var isTransaction: Bool { get }
  /// Whether, on another host, it goes on there without the connection: whatever changes the host does.
  var isDetached: Bool { get }
  /// What it takes along where it runs on another host.
  func errand(_ environment: Environment) throws -> Errand
}

extension QtctlCommand {
  mutating func run() async throws {
    // A pipe that closes is an error of the write, and a lost terminal does not stop a deploy.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    guard global.host == nil else { return try await runOnHost() }
    let session = Session(global)
    var report: CommandResult
    do {
      report = try await perform(session)
    } catch {
      report = Failure.report(Self.commandName, error, session)
    }
    report.seconds = session.console.elapsed
    if report.outcome != .planned {
      if Self.isTransaction { writeMetrics(session) }
      session.digests.keep()
    }
    try show(report, session)
  }

  /// Runs it where --host says, and ends as it ends there.
  func runOnHost() async throws {
    signal(SIGPIPE, SIG_IGN)
    let session = Session(global)
    let status: Int32
    do {
      status = try await HostRun.status(of: self, on: global.host ?? "", session)
    } catch let error as ValidationError {
      throw error
    } catch {
      var report = Failure.report(Self.commandName, error, session)
      report.seconds = session.console.elapsed
      return try show(report, session)
    }
    guard status == 0 else { throw ExitCode(status) }
  }

  private func show(_ report: CommandResult, _ session: Session) throws {
    if global.json {
      session.console.print(json: try report.json())
    } else if report.exit == .done || report.exit == .wrong || !report.checks.isEmpty {
      session.console.print(report.text(session.console))
    } else {
      session.console.note(report.contentText(session.console))
      session.console.note("qtctl: " + report.message, .bad)
    }
    guard report.exit == .done else { throw ExitCode(report.exit.rawValue) }
  }

  /// A file for a monitor is no part of the outcome.
  private func writeMetrics(_ session: Session) {
    let file = MetricsFile(session.environment)
    guard file.path != nil, Caller.isRoot else { return }
    do {
      try file.write(HostMetrics(state: session.environment.state).families())
    } catch {
      session.console.note("qtctl: the metrics could not be written: \(error)", .careful)
    }
  }

  static var isTransaction: Bool { false }
  var isDetached: Bool { Self.isTransaction }
  static var commandName: String { configuration.commandName ?? String(describing: Self.self).lowercased() }
}

/// The one place where an error becomes a message and an exit status.
enum Failure {
  static func report(_ command: String, _ error: any Error, _ session: Session) -> CommandResult {
    let status = exitStatus(of: error)
    let hint = isMissingRight(error) ? "; only root may read qtctl's records, run it with sudo" : ""
    var report = CommandResult(command, status == .internalError ? .failed : .refused, message: "\(error)\(hint)")
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

/// The exit statuses as every verb's help lists them.
enum ExitStatusHelp {
  static let text = list(ExitStatus.allCases)

  /// Those of one verb; an error of qtctl's own and a wrong call can befall every verb.
  static func list(_ statuses: [ExitStatus]) -> String {
    let all = statuses + [.internalError, .unreachable, .connectionLost, .usage]
    var text = "Exit statuses:"
    for status in ExitStatus.allCases.sorted(by: { $0.rawValue < $1.rawValue }) where all.contains(status) {
      let number = String(status.rawValue)
      text += "\n  " + String(repeating: " ", count: max(0, 2 - number.count)) + number + "  " + status.meaning
    }
    return text
  }
}
