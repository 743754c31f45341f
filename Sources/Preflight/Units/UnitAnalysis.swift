internal import Basics
package import Deployment
internal import FileOperations
internal import Subprocess
internal import SystemPackage
internal import Units

/// What `systemd-analyze verify` says of the unit files that a plan changes. It exits 0 on what systemd ignores; every
/// word of it about them counts.
///
/// It takes most of a tenth of a second, so it runs from the moment when this is made, beside all else.
package final class UnitAnalysis {
  private static let program = "/usr/bin/systemd-analyze"

  private let folder: String
  private let copies: UnitCopies
  private let words: Task<String, any Error>

  /// - Returns: `nil` where no unit file changes: what did not change was proved by running.
  package init?(_ plan: Plan, _ future: PlannedFileSystem) throws {
    let changes = plan.steps.contains { $0.action == .reloadManager }
    guard changes, Files.exists(Self.program) else { return nil }
    let listing = try future.listing(UnitFolders.searched)
    let units = try plan.touched.filter(\.running).map(\.unit).compactMap { name -> (String, UnitFiles)? in
      let files = try UnitFiles(UnitName(name), future, listing)
      return files.fragment?.state.type == .file ? (name, files) : nil
    }
    guard !units.isEmpty else { return nil }
    let folder = try Scratch.make()
    do {
      // What a socket or timer starts may be new, too, and is not touched itself.
      let brought = UnitFolders.searched.flatMap(future.newPaths)
      copies = try UnitCopies(units, beside: brought.compactMap(future.look), in: folder)
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

  package func findings() async throws -> [String] {
    try await words.value.split(separator: "\n").compactMap { copies.finding(String($0)) }.uniqued()
  }
}

/// Copies of unit files in a folder of their own, for `systemd-analyze verify`, and what of its words is about them.
package struct UnitCopies {
  package let paths: [String]
  private let folder: String
  private let units: [String]
  /// By copy.
  private let originals: [String: PlannedFileSystem.File]

  /// - Parameter others: unit files that these may need to be loaded.
  package init(
    _ files: [(unit: String, files: UnitFiles)], beside others: [PlannedFileSystem.File] = [], in folder: String
  ) throws {
    var originals: [String: PlannedFileSystem.File] = [:]
    for other in others where other.state.type == .file { originals[folder + "/" + Paths.name(other.path)] = other }
    for (unit, files) in files {
      if let fragment = files.fragment { originals[folder + "/" + unit] = fragment }
      for dropIn in files.dropIns { originals["\(folder)/\(unit).d/\(Paths.name(dropIn.path))"] = dropIn }
    }
    for (copy, original) in originals {
      try Files.makeFolders(Files.parent(of: copy), mode: 0o755)
      try Scratch.write(String(decoding: try Files.read(original.content), as: UTF8.self), to: copy)
    }
    self.init(folder: folder, units: files.map(\.unit), originals: originals)
  }

  package init(folder: String, units: [String], originals: [String: PlannedFileSystem.File]) {
    self.folder = folder
    self.units = units
    self.originals = originals
    paths = units.map { folder + "/" + $0 }
  }

  /// One line of the program's as a finding; `nil` where it is about nothing that the release changes.
  package func finding(_ line: String) -> String? {
    // Whether a command is there is asked for apart, with what the release brings.
    if line.contains(": Command ") && line.contains(" is not executable: ") { return nil }
    if let (copy, original) = originals.first(where: { line.hasPrefix($0.key + ":") }) {
      return original.isNew ? "\(original.path)\(line.dropFirst(copy.count)); fix the unit file" : nil
    }
    guard let unit = units.first(where: { line.hasPrefix($0 + ":") || line.contains("Unit \($0) ") }) else {
      return nil
    }
    return "\(line.replacing(folder, with: "")); fix the files of '\(unit)'"
  }
}
