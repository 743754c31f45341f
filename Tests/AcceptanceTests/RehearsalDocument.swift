import Deployment
import FoundationEssentials
import Rehearsal
import TestSupport

/// What `qtctl rehearse --json` says beyond how it ended.
struct RehearsalDocument: Decodable {
  private struct Record: Decodable {
    struct Phase: Decodable {
      var name: String
      var passed: Bool
      var seconds: Double
    }

    var phases: [Phase]
    var changes: [StepResult]
    var journal: [String]
  }

  private let rehearsal: Record

  /// - Throws: where it is not as its schema says.
  init(_ run: QtctlRun) throws {
    let document = Array(run.output.standardOutput)
    let violations = try JSONSchema("docs/qtctl-result.schema.json", isClosed: true).violations(ofDocument: document)
    guard violations.isEmpty else { throw SiteError(description: "\(violations)") }
    self = try JSONDecoder().decode(RehearsalDocument.self, from: Data(document))
  }

  var changes: [String] { rehearsal.changes.map(\.name) }
  var journal: [String] { rehearsal.journal }
  /// The phase that failed.
  var failed: String? { rehearsal.phases.first { !$0.passed }?.name }

  func seconds(_ phase: String) -> Double? { rehearsal.phases.first { $0.name == phase }?.seconds }
}
