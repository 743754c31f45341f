import Deployment
import Rehearsal
import TestSupport
import Testing

@Suite("The kill matrix", .serialized)
struct KillMatrixTests {
  @Test(
    "SIGKILL at any call that changes something leaves the host all old or all new",
    arguments: zip([Matrix.Command.deploy, .rollback], [16, 9]))
  func matrix(_ command: Matrix.Command, sample: Int) async throws {
    try await run(command, .plain, sample)
  }

  @Test(
    "and every process, neighbour and timer as before, where units share a file and hang together with others",
    arguments: zip([Matrix.Command.deploy, .rollback], [10, 6]))
  func woven(_ command: Matrix.Command, sample: Int) async throws {
    try await run(command, .woven, sample)
  }

  @Test(
    "and every file, folder and link of a folder, and what its migration did",
    arguments: zip([Matrix.Command.deploy, .rollback], [6, 4]))
  func folder(_ command: Matrix.Command, sample: Int) async throws {
    try await run(command, .folder, sample)
  }

  private func run(_ command: Matrix.Command, _ host: MatrixRelease.Host, _ sample: Int) async throws {
    try await Site.with(name: "kill-\(host)-\(command.rawValue)") { site in
      let matrix = try await Matrix(command, host, on: site)
      let all = try await matrix.points()
      let points = Sample.of(all, sample)
      var back = 0
      var stood = 0
      var missed = 0
      for (place, point) in points.enumerated() {
        guard try await Self.kill(matrix, point) else {
          missed += 1
          continue
        }
        let (isNew, fault) = try await Self.judge(matrix, recovering: place.isMultiple(of: 2))
        if isNew { stood += 1 } else { back += 1 }
        #expect(fault == nil, "\(command.rawValue) killed at \(point): \(fault ?? "")")
      }
      print(
        "kill matrix, \(command.rawValue): \(points.count) of \(all.count) points, \(back) went back, \(stood) stood, "
          + "\(missed) not reached")
      #expect(missed * 50 <= points.count)
    }
  }

  /// Threads that wake each other write too, not always as often; so the last few points may be missed.
  private static func kill(_ matrix: Matrix, _ point: Trace.Point) async throws -> Bool {
    for _ in 1...3 {
      let status = try await matrix.strike(point, .kill).status
      if status == .signaled(9) || status == .exited(137) { return true }
    }
    return false
  }

  /// The next command, and what is wrong after it and after the deploy that follows.
  private static func judge(_ matrix: Matrix, recovering: Bool) async throws -> (isNew: Bool, fault: String?) {
    let arguments = recovering ? ["recover"] : ["deploy", MatrixRelease.folder(2)]
    let next = try await matrix.site.qtctl(arguments)
    guard next.exit == 0 || (!recovering && next.exit == 22) else { return (false, "the next command: \(next)") }
    let picture = try await HostPicture(of: matrix.site, matrix.host)
    // A deploy that had nothing to undo has done its own work by now.
    let isDeployed = !recovering && next.exit == 0
    let isNew = isDeployed ? next.outcome == .unchanged : picture.isSame(as: matrix.new, times: false)
    let deployed = matrix.command == .deploy ? matrix.new : matrix.old
    if isDeployed, !picture.isSame(as: deployed, times: false) {
      return (isNew, "deployed, but \(picture.differences(to: deployed))")
    }
    if !isDeployed, !isNew, !picture.isSame(as: matrix.old, times: true) {
      return (isNew, "neither old nor new: \(picture.differences(to: matrix.old))")
    }
    if let left = try await matrix.leftovers() { return (isNew, left) }
    return (isNew, try await matrix.nextDeploySucceeds())
  }
}
