internal import Deployment

/// Bytes and inodes on every filesystem concerned. What is staged and what is backed up must both fit, since both are
/// there at once, with a reserve.
struct RoomLeft: PreflightCheck {
  func findings(_ situation: PreflightSituation) throws -> [String] {
    var needs: [Filesystem: (bytes: Int, files: Int)] = [:]
    func need(_ bytes: Int, at path: String) throws {
      let filesystem = try Filesystem(holding: path)
      needs[filesystem, default: (0, 0)].bytes += bytes
      needs[filesystem, default: (0, 0)].files += 1
    }
    for file in situation.plan.installs { try need(file.state.size ?? 0, at: file.path) }
    for file in situation.desired.files {
      try need(situation.inventory.file(file.path).size ?? 0, at: situation.store.path)
    }
    try need(1 << 20, at: situation.context.state.path)
    return needs.compactMap { filesystem, need in filesystem.shortage(bytes: need.bytes, files: need.files) }.sorted()
  }
}
