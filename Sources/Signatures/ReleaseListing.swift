internal import Basics
internal import Deployment
internal import FileOperations

/// All that a release's folder holds, as one text: what is signed.
///
/// One line for each path below the folder, but for its own signature: `file MODE SHA256 PATH`, `folder MODE PATH` or
/// `link TARGET PATH`, sorted by path. Every byte of a path or target that is not a plain visible ASCII character is
/// escaped, so that no two folders have the same text. Of modes the bits count that a release can have on a host:
/// `0755`, as of what is unpacked from an archive. Owner, time and attributes are the host's business.
package struct ReleaseListing: Sendable {
  /// Beside the manifest.
  package static let signature = "qtctl.sig"
  private static let title = "qtctl release listing 1\n"
  /// As of an archive.
  private static let (mostFiles, mostBytes) = (100_000, 8 << 30)

  /// A path below the folder.
  struct Entry {
    let path: String
    let state: FileState
  }

  package let text: String
  package let count: Int

  /// Reads every byte of the folder.
  ///
  /// - Throws: `Refusal` for what no release holds, or `FileError`.
  package init(of folder: String) throws {
    let entries = try Self.entries(of: folder).filter { $0.path != Self.signature }
    let lines = try entries.map { entry in
      let name = Self.escaped(entry.path)
      let mode = Self.mode(entry.state)
      switch entry.state.type {
      case .directory: return (name, "folder \(mode) \(name)\n")
      case .symlink: return (name, "link \(try Self.target(folder + "/" + entry.path)) \(name)\n")
      default:
        let digest = try Digest.file(folder + "/" + entry.path)
        return (name, "file \(mode) \(digest) \(name)\n")
      }
    }
    text = Self.title + lines.sorted { $0.0 < $1.0 }.map(\.1).joined()
    count = lines.count
  }

  /// What is in the folder, folders before what is in them, each judged; contents are not read.
  ///
  /// - Throws: `Refusal` with what no release holds, or where there is too much of it.
  static func entries(of folder: String) throws -> [Entry] {
    var entries: [Entry] = []
    var faults: [String] = []
    var bytes = 0
    let walk = TreeWalk(root: try Folder.own(folder), exclusion: Exclusion([]), barriers: [])
    let rest = try walk.run { path, _ in
      let state = try FileState.peek(folder + "/" + path)
      bytes = bytes.addingSaturated(state.size ?? 0)
      guard entries.count < mostFiles, bytes <= mostBytes else {
        throw Refusal([
          "'\(folder)' has more than \(mostFiles) files or \(mostBytes >> 30) GiB, too much for a release that is signed; "
            + "put the release into a folder of its own"
        ])
      }
      if let fault = fault(of: state) { faults.append("'\(folder)/\(path)' \(fault)") }
      entries.append(Entry(path: path, state: state))
    }
    faults += rest.staged.map { "'\($0)' in '\(folder)' has a name that qtctl gives to files that it stages" }
    guard faults.isEmpty else {
      throw Refusal(
        faults.prefix(10).map { "a release that is signed cannot hold it: \($0); remove it from the folder" })
    }
    return entries
  }

  /// The mode that counts, and that a copy gets, as of what is unpacked from an archive.
  static func permissions(_ state: FileState) -> UInt32 {
    (state.mode ?? 0) & 0o755 | (state.type == .directory ? 0o700 : 0)
  }

  private static func mode(_ state: FileState) -> String { FileState.octal(permissions(state)) }

  private static func fault(of state: FileState) -> String? {
    switch state.type {
    case .absent: return "has just been removed"
    case .other: return "is neither a file, a folder nor a symlink"
    case .symlink: return nil
    case .file: return (state.mode ?? 0) & 0o7000 == 0 ? nil : "has a setuid, setgid or sticky bit"
    // What a folder's setgid bit means is the host's business, as its group is.
    case .directory: return nil
    }
  }

  private static func target(_ path: String) throws -> String {
    guard let target = try FileState.read(path).link else { throw FileChanged(path: path) }
    return escaped(target)
  }

  /// Without spaces, line ends and backslashes of its own.
  static func escaped(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in FileName.bytes(text) {
      if byte > 0x20, byte < 0x7f, byte != UInt8(ascii: "\\") {
        result.append(byte)
      } else {
        result += Array("\\x\(Digest.hex([byte]))".utf8)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
