internal import Deployment

/// Copies of unit files in a folder of their own, for `systemd-analyze verify`, and what of its words is about them.
struct UnitCopies {
  let paths: [String]
  private let folder: String
  private let units: [String]
  /// By copy.
  private let originals: [String: FutureFiles.File]

  init(_ files: [(unit: String, files: UnitFiles)], in folder: String) throws {
    var originals: [String: FutureFiles.File] = [:]
    for (unit, files) in files {
      if let fragment = files.fragment { originals[folder + "/" + unit] = fragment }
      for dropIn in files.dropIns { originals["\(folder)/\(unit).d/\(RealPath.name(dropIn.path))"] = dropIn }
    }
    for (copy, original) in originals {
      try Files.makeFolders(Files.parent(of: copy), mode: 0o755)
      try Scratch.write(String(decoding: try Files.read(original.content), as: UTF8.self), to: copy)
    }
    self.init(folder: folder, units: files.map(\.unit), originals: originals)
  }

  init(folder: String, units: [String], originals: [String: FutureFiles.File]) {
    self.folder = folder
    self.units = units
    self.originals = originals
    paths = units.map { folder + "/" + $0 }
  }

  /// One line of the program's as a finding; `nil` where it is about nothing that the release changes.
  func finding(_ line: String) -> String? {
    // Whether a command is there is asked for apart, with what the release brings.
    if line.contains(": Command ") && line.contains(" is not executable: ") { return nil }
    if let (copy, original) = originals.first(where: { line.hasPrefix($0.key + ":") }) {
      return original.isNew ? "\(original.path)\(line.dropFirst(copy.count)); mend the unit file" : nil
    }
    guard let unit = units.first(where: { line.hasPrefix($0 + ":") || line.contains("Unit \($0) ") }) else {
      return nil
    }
    return "\(line.replacing(folder, with: "")); mend the files of \(unit)"
  }
}
