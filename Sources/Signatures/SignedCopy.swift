internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import HostState
internal import SystemPackage

/// A copy of a release's folder in qtctl's own state, which root alone can change: what is verified in it and what is
/// deployed from it is the same, whatever happens to the release meanwhile.
struct SignedCopy {
  /// Where the copy is.
  let folder: String
  private let top: String

  /// - Throws: `Refusal` for what no release holds, or where there is no space. Nothing is left then.
  init(of source: String, below state: StateFolder) throws {
    try state.prepare()
    let entries = try ReleaseListing.entries(of: source)
    let bytes = entries.reduce(0) { $0 + ($1.state.size ?? 0) }  // trap: at most 8 GiB, as entries(of:) has judged
    if let shortage = try Filesystem(holding: state.path).shortage(bytes: bytes, files: entries.count) {
      throw Refusal(["not enough disk space to copy '\(source)' before its signature is checked: \(shortage)"])
    }
    top = state.unpacked(by: getpid())
    folder = top + "/release"
    try Files.removeTree(top)
    try Files.makeFolders(top, mode: 0o700)
    do {
      try Self.makeFolder(folder, mode: 0o755)
      for entry in entries { try copy(entry, of: source) }
    } catch {
      remove()
      throw Self.refusal(error, of: source)
    }
  }

  /// Whoever owns the release may change it at any moment; that is no fault of qtctl.
  private static func refusal(_ error: any Error, of source: String) -> any Error {
    let why: String
    switch error {
    case let error as FileChanged: why = "'\(error.path)' changed while it was being read"
    case let error as FileError where error.path == source || error.path.hasPrefix(source + "/"): why = "\(error)"
    default: return error
    }
    return Refusal([
      "the release '\(source)' cannot be copied before its signature is checked: \(why); nothing was changed: let nobody "
        + "change the release meanwhile, and run the command again"
    ])
  }

  func remove() { try? Files.removeTree(top) }

  private func copy(_ entry: ReleaseListing.Entry, of source: String) throws {
    let (from, to) = (source + "/" + entry.path, folder + "/" + entry.path)
    switch entry.state.type {
    case .directory: try Self.makeFolder(to, mode: ReleaseListing.permissions(entry.state))
    case .symlink:
      guard let target = try FileState.read(from).link else { throw FileChanged(path: from) }
      try Files.check("make symlink", to) { Int(symlink(FileName.cString(target), FileName.cString(to))) }
    default:
      let limit = entry.state.size ?? 0
      try FileLocation(own: to).create(mode: ReleaseListing.permissions(entry.state), syncs: false) { file in
        var size = 0
        try FileLocation(own: from).forEachPart { part in
          switch part {
          case .data(let chunk):
            size += chunk.count
            // It must not grow beyond the space that was looked for.
            guard size <= limit else { throw FileChanged(path: from) }
            try Files.writeAll(chunk, to: file, path: to)
          case .hole(let length):
            size += length
            guard size <= limit else { throw FileChanged(path: from) }
            try Files.check("seek in", to) { lseek(file, off_t(size), SEEK_SET) }
            try Files.check("lengthen", to) { Int(ftruncate(file, off_t(size))) }
          }
        }
      }
    }
  }

  private static func makeFolder(_ path: String, mode: UInt32) throws {
    try Files.check("make folder", path) { Int(mkdir(FileName.cString(path), 0o700)) }
    try Files.check("set the mode of", path) { Int(chmod(FileName.cString(path), mode)) }
  }
}
