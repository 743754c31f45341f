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

  init(_ run: QtctlRun) throws {
    self = try JSONDecoder().decode(RehearsalDocument.self, from: Data(run.output.standardOutput))
  }

  var changes: [String] { rehearsal.changes.map(\.name) }
  var journal: [String] { rehearsal.journal }
  /// The phase that failed.
  var failed: String? { rehearsal.phases.first { !$0.passed }?.name }

  func seconds(_ phase: String) -> Double? { rehearsal.phases.first { $0.name == phase }?.seconds }
}
