import ArgumentParser
import Deployment
import Glibc
import Verification

/// A verb of qtctl: it does its work and returns a report; everything around that is here, once.
protocol QtctlCommand: AsyncParsableCommand {
  var global: GlobalOptions { get }
  /// - Throws: whatever failed; `Failure` makes a report of it.
  func perform(_ session: Session) async throws -> Report
}

extension QtctlCommand {
  mutating func run() async throws {
    // A pipe that closes is an error of the write, and a lost terminal does not stop a deploy.
    signal(SIGPIPE, SIG_IGN)
    signal(SIGHUP, SIG_IGN)
    let session = Session(global)
    var report: Report
    do {
      report = try await perform(session)
    } catch {
      report = Failure.report(Self.commandName, error, session)
    }
    report.seconds = session.console.elapsed
    if global.json {
      session.console.print(try report.json())
    } else if report.exit == .done || report.exit == .wrong || !report.checks.isEmpty {
      session.console.print(report.text(session.console))
    } else {
      if case let shown = report.contentText, !shown.isEmpty { session.console.note(shown) }
      session.console.note("qtctl: " + report.message, .bad)
    }
    guard report.exit == .done else { throw ExitCode(report.exit.rawValue) }
  }

  static var commandName: String { configuration.commandName ?? String(describing: Self.self).lowercased() }
}
