internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import SystemPackage

/// A copy of a release's folder that root alone can change, durable once it is written: the `undo` of a migration has to
/// be there whatever becomes of the release.
package struct ReleaseCopy {
  private static let mostBytes = 1 << 30
  private static let mostFiles = 50_000

  private let source: String
  /// Whether nobody else changes it, so that its files may be linked.
  private let isOwn: Bool

  package init(of source: String, isOwn: Bool) {
    self.source = source
    self.isOwn = isOwn
  }

  /// - Throws: `Refusal` where it is too large to be copied for this.
  package func write(to target: String) throws {
    try Files.removeTree(target)
    try Files.makeFolders(target, mode: 0o700)
    var left = (files: Self.mostFiles, bytes: Self.mostBytes)
    try copy(source, to: target, &left)
    try Files.syncFolder(of: target)
  }

  private func copy(_ folder: String, to target: String, _ left: inout (files: Int, bytes: Int)) throws {
    for name in try Files.names(in: folder) {
      let (from, to) = (folder + "/" + name, target + "/" + name)
      let found = try FileState.peek(from)
      left.files -= 1
      left.bytes -= found.type == .file ? found.size ?? 0 : 0
      guard left.files >= 0, left.bytes >= 0 else {
        throw Refusal([
          "the folder of the release, '\(source)', has more than \(Self.mostFiles) files or \(Self.mostBytes >> 20) MiB, "
            + "too much to be kept for the 'undo' of its migration; put the release into a folder of its own"
        ])
      }
      switch found.type {
      case .directory:
        try Files.check("make folder", to) { Int(mkdir(FileName.cString(to), 0o755)) }
        try copy(from, to: to, &left)
      case .file where isOwn && link(FileName.cString(from), FileName.cString(to)) == 0: continue
      case .file, .symlink:
        var state = try FileState.read(from)
        (state.owner, state.group) = (0, 0)
        try FileCopy.copy(FileLocation(own: from), to: FileLocation(own: to), as: state)
      case .absent, .other: continue
      }
    }
    try Files.sync(folder: target)
  }
}
