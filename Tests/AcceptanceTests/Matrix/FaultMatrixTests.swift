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
    try await run(command, .plain, sample)
  }

  @Test(
    "and so it does where a folder is deployed and a migration runs",
    arguments: zip([Matrix.Command.deploy, .rollback], [5, 3]))
  func folder(_ command: Matrix.Command, sample: Int) async throws {
    try await run(command, .folder, sample)
  }

  private func run(_ command: Matrix.Command, _ host: MatrixRelease.Host, _ sample: Int) async throws {
    try await Site.with(name: "fault-\(host)-\(command.rawValue)") { site in
      let matrix = try await Matrix(command, host, on: site)
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
        guard let run = try? QtctlRun(output) else {
          // The fault may strike the main thread too, where the runtime looks for the arguments.
          if output.status == .exited(14), output.stderr.contains("/proc/self/maps") {
            missed += 1
            continue
          }
          Issue.record("\(command.rawValue), \(fault) at \(point): no document: \(output)")
          continue
        }
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

  @Test(
    "a call that fails from some point on leaves the host as it was, or 'qtctl recover' does once the fault is gone",
    arguments: zip([Matrix.Command.deploy, .rollback], [5, 3]))
  func lasting(_ command: Matrix.Command, sample: Int) async throws {
    try await Site.with(name: "lasting-\(command.rawValue)") { site in
      let matrix = try await Matrix(command, on: site)
      // strace counts by thread: opens would fail in every other one too, the loader's included. So would the writes
      // by which threads wake each other, so only those to the host's own files do.
      let points =
        try await matrix.points().filter { !["sendmsg", "openat", "write"].contains($0.call) }
        + (1...16).map { Trace.Point(call: "write", number: $0, arguments: "to files of the host") }
      // A disk that is full, and one that is gone.
      let all = ["ENOSPC", "EIO"].flatMap { fault in points.map { ($0, fault) } }
      let tried = Sample.of(all, sample)
      var statuses: [String: Int] = [:]
      for (point, fault) in tried {
        let output = try await matrix.strike(
          point, .lastingFault(fault), at: point.call == "write" ? MatrixRelease.written : [])
        statuses["\(output.status)", default: 0] += 1
        let wrong = try await Self.judgeLasting(matrix, output)
        #expect(wrong == nil, "\(command.rawValue), \(fault) from \(point) on: \(wrong ?? "")\n\(output.stderr)")
      }
      let counts = statuses.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
      print("fault matrix, \(command.rawValue), faults that stay: \(tried.count) of \(all.count) points: \(counts)")
    }
  }

  /// Where every write fails, qtctl cannot say anything either; then its status has to do.
  private static func judgeLasting(_ matrix: Matrix, _ output: Machine.Output) async throws -> String? {
    guard case .exited(let status) = output.status, [0, 1, 20, 21].contains(status) else { return "\(output.status)" }
    let journal = try await matrix.site.sh("ls /var/lib/qtctl/transaction.jsonl 2>/dev/null || true")
    if status == 21 {
      if journal.isEmpty { return "exit 21, but there is nothing to recover" }
      let said = output.stdout + output.stderr
      if !said.isEmpty, !said.contains("qtctl recover") { return "exit 21, and no word of 'qtctl recover'" }
    }
    let next = try await matrix.site.qtctl("recover")
    if next.exit != 0 { return "recover: \(next)" }
    let picture = try await HostPicture(of: matrix.site, matrix.host)
    let isNew = status == 0
    if !picture.isSame(as: isNew ? matrix.new : matrix.old, times: !isNew) {
      return "\(picture.differences(to: isNew ? matrix.new : matrix.old))"
    }
    if let left = try await matrix.leftovers() { return left }
    return try await matrix.nextDeploySucceeds()
  }

  private static func judge(_ matrix: Matrix, _ run: QtctlRun, _ words: String) async throws -> String? {
    guard [0, 1, 20].contains(run.exit) else { return "exit \(run.exit)" }
    let said = run.message + run.steps.map(\.detail).joined()
    if run.exit != 0, !(said.contains(words) && said.contains("'/")) { return "no file and cause in: \(said)" }
    let picture = try await HostPicture(of: matrix.site, matrix.host)
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
