internal import Deployment
internal import Subprocess
internal import SystemPackage

/// What `systemd-analyze verify` says of the unit files that a plan changes. It exits 0 on what systemd ignores; every
/// word of it about them counts.
///
/// It takes most of a tenth of a second, so it runs from the moment when this is made, beside all else.
final class UnitAnalysis {
  private static let program = "/usr/bin/systemd-analyze"

  private let folder: String
  private let copies: UnitCopies
  private let words: Task<String, any Error>

  /// - Returns: `nil` where no unit file changes: what did not change was proved by running.
  init?(_ plan: Plan, _ future: FutureFiles) throws {
    let changes = plan.steps.contains { $0.action == .reloadManager }
    guard changes, Files.exists(Self.program) else { return nil }
    let units = try plan.touched.filter(\.running).map(\.unit).compactMap { name -> (String, UnitFiles)? in
      let files = try UnitFiles(UnitName(name), future)
      return files.fragment?.state.type == .file ? (name, files) : nil
    }
    guard !units.isEmpty else { return nil }
    let folder = try Scratch.make()
    do {
      copies = try UnitCopies(units, in: folder)
    } catch {
      try? Files.removeTree(folder)
      throw error
    }
    self.folder = folder
    words = Self.verifying(copies.paths)
  }

  private static func verifying(_ paths: [String]) -> Task<String, any Error> {
    Task { try await verify(paths) }
  }

  private static func verify(_ paths: [String]) async throws -> String {
    let result = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(["verify", "--man=no"] + paths),
      environment: .inherit.updating(["LC_ALL": "C", "SYSTEMD_COLORS": "0"]), input: .none,
      output: .string(limit: 1 << 18), error: .string(limit: 1 << 18))
    return result.standardOutput + "\n" + result.standardError
  }

  deinit {
    words.cancel()
    try? Files.removeTree(folder)
  }

  func findings() async throws -> [String] {
    try await words.value.split(separator: "\n").compactMap { copies.finding(String($0)) }.uniqued()
  }
}
