public import Deployment
internal import FoundationEssentials
public import Rehearsal

/// One run of qtctl with `--json`: its exit status and its document.
public struct QtctlRun: Sendable, CustomStringConvertible {
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

  public let output: Machine.Output
  private let document: Document

  /// - Throws: when stdout is not exactly one document of the contract's schema.
  public init(_ output: Machine.Output) throws {
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

  public var exit: Int32 { document.exit }
  public var outcome: Outcome { document.outcome }
  public var stamp: String? { document.stamp }
  public var seconds: Double { document.seconds }
  public var message: String { document.message }
  public var steps: [StepResult] { document.steps }
  public var checks: [CheckResult] { document.checks }

  /// All that a failing test needs to see.
  public var description: String {
    "exit \(exit), \(outcome.rawValue): \(message)\n\(output.stderr)"
      + checks.filter { $0.status != .pass }.map { "\($0.status.rawValue) \($0.id) \($0.subject): \($0.detail)\n" }
      .joined()
  }
}
