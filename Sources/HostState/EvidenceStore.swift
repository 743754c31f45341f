package import Deployment
package import FileOperations

/// The evidence of failed releases, a folder each, named after the backup that the transaction took. A folder is
/// complete under its name or hidden.
package struct EvidenceStore {
  private static let unfinished = ".unfinished"
  private let folder: String
  private let retention: EvidenceRetention

  package init(_ state: StateFolder, retention: EvidenceRetention = EvidenceRetention()) {
    folder = state.evidence
    self.retention = retention
  }

  /// Writes a folder of evidence, durably, and removes what retention does not keep.
  ///
  /// - Parameter stamp: of the backup; where another store's backup of the same second has left evidence, the next
  ///   free one is taken.
  /// - Returns: the folder.
  package func write(_ files: [String: [UInt8]], as stamp: Stamp) throws -> String {
    let taken = try stamps()
    let stamp = taken.contains(stamp) ? Stamp.next(seconds: stamp.seconds, taken: taken) : stamp
    let hidden = hiddenFolder(stamp)
    do {
      try Files.makeFolders(hidden, mode: 0o700)
      for (name, bytes) in files.sorted(by: { $0.key < $1.key }) {
        let path = hidden + "/" + name
        try Files.create(path, mode: 0o600) { file in
          try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
        }
      }
      try Files.sync(folder: hidden)
      try Files.rename(hidden, to: path(stamp))
    } catch {
      try? Files.removeTree(hidden)
      throw error
    }
    // What cannot be removed now is removed the next time.
    try? prune()
    return path(stamp)
  }

  /// Takes away what a death has left under hidden names. Only for who holds the lock.
  package func sweep() throws(FileError) {
    for name in try Files.names(in: folder) where name.hasPrefix(".") && name.hasSuffix(Self.unfinished) {
      try Files.removeTree(folder + "/" + name)
    }
  }

  private func prune() throws {
    let held = try stamps().map { EvidenceRetention.Candidate(stamp: $0, bytes: try bytes(of: path($0))) }
    for stamp in retention.removals(held) {
      try Files.rename(path(stamp), to: hiddenFolder(stamp))
      try Files.removeTree(hiddenFolder(stamp))
    }
  }

  private func bytes(of folder: String) throws -> Int {
    try Files.names(in: folder).reduce(0) { try $0 + (FileState.peek(folder + "/" + $1).size ?? 0) }
  }

  private func stamps() throws -> [Stamp] { try Files.names(in: folder).compactMap(Stamp.init) }
  private func path(_ stamp: Stamp) -> String { folder + "/" + stamp.description }
  private func hiddenFolder(_ stamp: Stamp) -> String { folder + "/.\(stamp)\(Self.unfinished)" }
}
