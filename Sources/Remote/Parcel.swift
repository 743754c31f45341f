internal import Basics
internal import Deployment
internal import FileOperations

/// What travels to a host: a release's folder, or one file. Of each file the digest, so that only those are sent which the
/// host has not, and so that what arrives is what was sent.
///
/// Modes are those that count of what is unpacked from an archive, `0755` at most. Owner, time and attributes stay behind.
struct Parcel: Codable, Hashable {
  struct Entry: Codable, Hashable {
    enum Kind: String, Codable { case file, folder, link }

    /// Below the parcel's root, without a slash at its ends.
    var path: String
    var kind: Kind
    var mode: UInt32 = 0
    var size = 0
    /// Of a file.
    var sha256: String?
    /// Of a link.
    var target: String?
  }

  /// Folders before what is in them.
  var entries: [Entry]
  /// What the command is to use of it, below the root; empty: the root itself.
  var main: String

  static let (mostFiles, mostBytes) = (100_000, 8 << 30)

  var bytes: Int { entries.reduce(0) { $0.addingSaturated($1.size) } }

  /// The parcel's own digest, which is its name on the host.
  var digest: String { get throws { Digest.bytes(try JSON.line(entries)) } }

  /// Refuses what leads out of the folder that it is put into, or is more than a release has.
  func validate() throws(ProtocolFault) {
    guard entries.count <= Self.mostFiles, bytes <= Self.mostBytes else { throw fault("it is too large") }
    var folders: Set<String> = [""]
    var seen: Set<String> = []
    for entry in entries {
      let parts = entry.path.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }),
        seen.insert(entry.path).inserted, folders.contains(Files.parent(of: entry.path))
      else { throw fault("a path in it leads elsewhere") }
      guard entry.size >= 0, entry.mode & ~0o755 == 0 else {
        throw fault("'\(entry.path)' has no size or mode of a file")
      }
      switch entry.kind {
      case .folder: folders.insert(entry.path)
      case .file:
        guard let digest = entry.sha256, digest.utf8.count == 64, Digest.bytes(hex: digest).count == 32 else {
          throw fault("'\(entry.path)' has no digest")
        }
      case .link:
        guard let target = entry.target, !target.isEmpty, !target.utf8.contains(0) else {
          throw fault("'\(entry.path)' leads nowhere")
        }
      }
    }
    guard main.isEmpty || seen.contains(main) else { throw fault("it has no '\(main)'") }
  }

  private func fault(_ why: String) -> ProtocolFault { ProtocolFault(description: "the release was not taken: \(why)") }
}

/// A parcel on the machine that it comes from.
struct OutgoingParcel {
  let parcel: Parcel
  /// The folder that its paths start from.
  private let folder: String

  /// One file.
  ///
  /// - Throws: `Refusal` where it is none, or `FileError`.
  init(file path: String) throws {
    let place = Paths.of(path) ?? path
    let state = try FileState.peek(place)
    guard state.type == .file, let size = state.size else {
      throw Refusal(["'\(path)' does not exist or is not a plain file; name the archive"])
    }
    let entry = Parcel.Entry(
      path: Paths.name(place), kind: .file, mode: 0o600, size: size, sha256: try Digest.file(place))
    parcel = Parcel(entries: [entry], main: entry.path)
    folder = Files.parent(of: place)
  }

  /// A release's folder, all of it.
  ///
  /// - Parameter main: the manifest's name in it.
  /// - Throws: `Refusal` for what no release holds, or `FileError`.
  init(folder: String, main: String) throws {
    self.folder = folder
    var entries: [Parcel.Entry] = []
    var (faults, bytes): ([String], Int) = ([], 0)
    let walk = TreeWalk(root: try Folder.own(folder), exclusion: Exclusion([]), barriers: [])
    _ = try walk.run { path, _ in
      let state = try FileState.peek(folder + "/" + path)
      bytes = bytes.addingSaturated(state.size ?? 0)
      guard entries.count < Parcel.mostFiles, bytes <= Parcel.mostBytes else { throw Self.tooMuch(folder) }
      switch state.type {
      case .absent: throw FileChanged(path: folder + "/" + path)
      case .other: faults.append("'\(path)' is neither a file, a folder nor a symlink")
      case .directory:
        entries.append(.init(path: path, kind: .folder, mode: (state.mode ?? 0) & 0o755 | 0o700))
      case .symlink:
        entries.append(.init(path: path, kind: .link, target: try FileState.read(folder + "/" + path).link))
      case .file:
        let digest = try Digest.file(folder + "/" + path)
        entries.append(
          .init(path: path, kind: .file, mode: (state.mode ?? 0) & 0o755, size: state.size ?? 0, sha256: digest))
      }
    }
    guard faults.isEmpty else {
      throw Refusal(faults.prefix(10).map { "'\(folder)' cannot travel: \($0); remove it from the folder" })
    }
    // A folder is shorter than what is in it, so that it comes first.
    parcel = Parcel(entries: entries.sorted { $0.path < $1.path }, main: main)
  }

  private static func tooMuch(_ folder: String) -> Refusal {
    Refusal([
      "'\(folder)' has more than \(Parcel.mostFiles) files or \(Parcel.mostBytes >> 30) GiB, too much for a release; put "
        + "the release into a folder of its own"
    ])
  }

  /// Sends files of it, one after the other.
  ///
  /// - Throws: `FileChanged` for one that is not as long as it was, or what `send` throws.
  func send(_ places: [Int], _ send: (UnsafeRawBufferPointer) throws -> Void) throws {
    for place in places {
      guard parcel.entries.indices.contains(place), parcel.entries[place].kind == .file else {
        throw ProtocolFault(description: "it asked for a file that was not offered")
      }
      let entry = parcel.entries[place]
      var left = entry.size
      if left > 0 {
        try Files.forEachChunk(of: folder + "/" + entry.path) { bytes in
          let part = UnsafeRawBufferPointer(rebasing: bytes.prefix(left))
          left -= part.count
          if !part.isEmpty { try send(part) }
        }
      }
      guard left == 0 else { throw FileChanged(path: folder + "/" + entry.path) }
    }
  }
}
