package import Deployment
internal import FoundationEssentials
package import Rehearsal

/// One run of qtctl with `--json`: its exit status and its document.
package struct QtctlRun: Sendable, CustomStringConvertible {
  private struct Document: Decodable {
    var schema: String
    var command: String
    var outcome: Outcome
    var stamp: String?
    var exit: Int32
    var seconds: Double
    var message: String
    var steps: [StepResult]
    var checks: [CheckResult]
  }

  package let output: Machine.Output
  private let document: Document

  /// - Throws: when stdout is not exactly one document of the contract's schema.
  package init(_ output: Machine.Output) throws {
    self.output = output
    do {
      document = try JSONDecoder().decode(Document.self, from: Data(output.standardOutput))
    } catch {
      throw SiteError(description: "no document: \(error)\nstdout: \(output.stdout)\nstderr: \(output.stderr)")
    }
    guard document.schema == "qtctl/1", output.status == .exited(document.exit) else {
      throw SiteError(description: "schema \(document.schema), exit \(document.exit), but it \(output.status)")
    }
  }

  package var exit: Int32 { document.exit }
  package var outcome: Outcome { document.outcome }
  package var stamp: String? { document.stamp }
  package var seconds: Double { document.seconds }
  package var message: String { document.message }
  package var steps: [StepResult] { document.steps }
  package var checks: [CheckResult] { document.checks }

  /// All that a failing test needs to see.
  package var description: String {
    "exit \(exit), \(outcome.rawValue): \(message)\n\(output.stderr)"
      + checks.filter { $0.status != .pass }.map { "\($0.status.rawValue) \($0.id) \($0.subject): \($0.detail)\n" }
      .joined()
  }
}
