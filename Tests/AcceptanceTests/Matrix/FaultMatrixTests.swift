import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("The fault matrix", .serialized)
struct FaultMatrixTests {
  /// The errors, with the words that must tell of them.
  private static let faults = [
    ("ENOSPC", "No space left on device"), ("EIO", "Input/output error"), ("EROFS", "Read-only file system"),
    ("EACCES", "Permission denied"),
  ]

  @Test(
    "a call that fails ends in the documented status, a message with file and cause, and the host as it was",
    arguments: zip([Matrix.Command.deploy, .rollback], [16, 9]))
  func matrix(_ command: Matrix.Command, sample: Int) async throws {
    try await Site.with(name: "fault-\(command.rawValue)") { site in
      let matrix = try await Matrix(command, on: site)
      // What is said to the terminal and to the bus is no matter of files.
      let points = try await matrix.points().filter { $0.call != "sendmsg" && !$0.isTerminal }
      let all = Self.faults.flatMap { fault in points.map { ($0, fault.0, fault.1) } }
      let tried = Sample.of(all, sample)
      var statuses: [String: Int] = [:]
      var missed = 0
      for (point, fault, words) in tried {
        let output = try await matrix.strike(point, .fault(fault))
        // Threads that wake each other write too, not always as often: the blow met the report itself.
        if output.stdout.isEmpty, output.succeeded {
          missed += 1
          continue
        }
        let run = try QtctlRun(output)
        statuses["exit \(run.exit)", default: 0] += 1
        let wrong = try await Self.judge(matrix, run, words)
        #expect(wrong == nil, "\(command.rawValue), \(fault) at \(point): \(wrong ?? "")\n\(run)")
      }
      let counts = statuses.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      print(
        "fault matrix, \(command.rawValue): \(tried.count) of \(all.count) points: \(counts), \(missed) not reached")
      #expect(missed * 50 <= tried.count)
    }
  }

  private static func judge(_ matrix: Matrix, _ run: QtctlRun, _ words: String) async throws -> String? {
    guard [0, 1, 20].contains(run.exit) else { return "exit \(run.exit)" }
    let said = run.message + run.steps.map(\.detail).joined()
    if run.exit != 0, !(said.contains(words) && said.contains("'/")) { return "no file and cause in: \(said)" }
    let picture = try await HostPicture(of: matrix.site)
    let wanted = run.exit == 0 ? matrix.new : matrix.old
    if !picture.isSame(as: wanted, times: run.exit != 0) { return picture.differences(to: wanted) }
    // What could not be written down is written down by the next command.
    let next = try await matrix.site.qtctl("recover")
    if next.exit != 0 { return "the next command: \(next)" }
    if let left = try await matrix.leftovers() { return left }
    return try await matrix.nextDeploySucceeds()
  }
}

extension Trace.Point {
  fileprivate var isTerminal: Bool { call == "write" && (arguments.hasPrefix("1,") || arguments.hasPrefix("2,")) }
}
