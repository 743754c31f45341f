internal import Deployment

/// The folders above a path that everybody may write to: what lies there can be swapped by anybody.
struct WritableFolders {
  /// An existing folder, without symlinks in it.
  let at: String

  func findings(_ path: String, _ advice: (String) -> String = { "run: chmod o-w \($0)" }) throws -> [String] {
    var findings: [String] = []
    var folder = at
    while folder != "/" && !folder.isEmpty {
      if let mode = try FileState.peek(folder).mode, mode & 0o002 != 0 {
        findings.append("\(path) lies under \(folder), which everybody may write to; \(advice(folder))")
      }
      folder = Files.parent(of: folder)
    }
    return findings
  }
}
