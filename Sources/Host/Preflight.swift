internal import Deployment
internal import Glibc
internal import SystemPackage

/// Looks for all that would make a deploy fail half way, before anything is touched. Every finding says what, where
/// and what to do.
struct Preflight {
  let preparation: Preparation
  let context: HostContext

  init(_ preparation: Preparation, _ context: HostContext) {
    self.preparation = preparation
    self.context = context
  }

  static var isRoot: Bool { geteuid() == 0 }
  static var pid: Int32 { getpid() }

  /// - Throws: `HostError.refused` with every finding.
  func check() throws {
    let findings = try units() + targets() + store() + space() + redis()
    guard findings.isEmpty else { throw HostError.refused(findings) }
  }

  private var inventory: Inventory { preparation.inventory }

  private func units() throws -> [String] {
    let installed = Set(
      preparation.desired.files.filter(\.state.exists).map { FilePath($0.path).lastComponent?.string })
    return preparation.plan.touched.filter(\.running).compactMap { unit in
      let current = inventory.unit(unit.unit)
      if current.masked { return "\(unit.unit) is masked and stays masked; run: systemctl unmask \(unit.unit)" }
      if !current.exists && !installed.contains(unit.unit) {
        return "\(unit.unit) is neither on this host nor among the files of the release; add its unit file"
      }
      return nil
    }
  }

  private func targets() throws -> [String] {
    try preparation.desired.files.flatMap { file -> [String] in
      var findings: [String] = []
      let current = inventory.file(file.path)
      if current.exists && current.type != .file {
        let what = current.type == .symlink ? "a symlink to \(current.link ?? "?")" : "a \(current.type.rawValue)"
        findings.append("\(file.path) is \(what), not a file; name the file itself as target")
      }
      var folder = Files.parent(of: file.path)
      while folder != "/" {
        let state = try FileState.peek(folder)
        if state.type == .directory, let mode = state.mode, mode & 0o002 != 0 {
          findings.append("\(file.path) lies under \(folder), which everybody may write to; run: chmod o-w \(folder)")
        }
        folder = Files.parent(of: folder)
      }
      return findings
    }
  }

  private func store() throws -> [String] {
    let store = preparation.store.path
    let live = Set(preparation.desired.files.map { Files.parent(of: $0.path) })
    return live.filter { (store + "/").hasPrefix($0 + "/") }.sorted().map {
      "the backup store \(store) lies in the live folder \($0); set 'backups.directory' to a folder of its own"
    }
  }

  /// What is staged and what is backed up must both fit, since both are there at once, with a reserve.
  private func space() throws -> [String] {
    var needs: [Filesystem: (bytes: Int, files: Int)] = [:]
    func need(_ bytes: Int, at path: String) throws {
      let filesystem = try Filesystem(holding: path)
      needs[filesystem, default: (0, 0)].bytes += bytes
      needs[filesystem, default: (0, 0)].files += 1
    }
    for file in preparation.plan.installs { try need(file.state.size ?? 0, at: file.path) }
    for file in preparation.desired.files { try need(inventory.file(file.path).size ?? 0, at: preparation.store.path) }
    try need(1 << 20, at: context.state.path)
    return needs.compactMap { filesystem, need in filesystem.shortage(bytes: need.bytes, files: need.files) }.sorted()
  }

  private func redis() -> [String] {
    guard let address = context.redis ?? preparation.release.manifest.effectiveRedis else { return [] }
    return context.redisFault(address).map { [$0] } ?? []
  }
}
