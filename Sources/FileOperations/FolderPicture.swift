internal import Basics
internal import CLinux
internal import Crypto
internal import Deployment
internal import Glibc

/// The names of all that is in a folder, so that a few calls show whether any of it has changed.
package struct FolderNames: Sendable, Hashable {
  /// Relative to the folder, each with a zero behind it. The first is the folder itself, by the empty name; then the folders and
  /// files whose every change counts; then those of which only what they are counts: kind, size, owner, mode, time of
  /// modification.
  package let bytes: [UInt8]
  package let count: Int
  package let closely: Int

  /// - Returns: `nil` where that cannot be: not every name has an end, or there are other counts of them.
  package init?(bytes: [UInt8], count: Int, closely: Int) {
    guard bytes.last == 0, bytes.first == 0, closely > 0, closely <= count, bytes.count(where: { $0 == 0 }) == count
    else { return nil }
    (self.bytes, self.count, self.closely) = (bytes, count, closely)
  }

  /// All that is in a folder, deep. Symlinks are names like others and not followed.
  ///
  /// - Parameter isClose: whether every change of what is no folder counts, by its path in it.
  package init(in folder: String, isClose: (String) -> Bool) throws {
    var (close, loose): ([String], [String]) = ([""], [])
    func walk(_ place: String) throws {
      for (name, isFolder) in try Files.entries(in: folder + "/" + place) {
        let path = place + name
        if try isFolder ?? (FileState.peek(folder + "/" + path).type == .directory) {
          close.append(path)
          try walk(path + "/")
        } else if isClose(path) {
          close.append(path)
        } else {
          loose.append(path)
        }
      }
    }
    try walk("")
    bytes = (close + loose).flatMap { FileName.bytes($0) + [0] }
    (count, closely) = (close.count + loose.count, close.count)
  }
}

/// What a folder and all that it held were at one moment. While a second picture is equal, nothing has changed that
/// counts, as `FolderNames` has it: who adds, removes, renames or replaces a name changes the times of a folder.
package struct FolderPicture: Sendable, Hashable {
  /// Of the facts of all names, and of the mount.
  package let digest: [UInt8]
  package let place: FileFacts.Identity
  /// The latest time in what counts closely.
  package let latest: FileFacts.Moment

  package static let digestLength = SHA256.byteCount

  /// What is kept from one picture to the next.
  package struct Buffer {
    fileprivate var nodes: [qtctl_node] = []
    package init() {}
  }

  /// - Parameter path: the folder's, relative to `parent`; it is no symlink.
  /// - Returns: `nil` where one of the names is not there or lies on another mount, or where the kernel does not tell.
  package init?(of path: String, in parent: Folder, _ names: FolderNames, _ buffer: inout Buffer) {
    let flags = Int32(QTCTL_O_PATH) | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let folder = openat(parent.descriptor, FileName.cString(path), flags)
    guard folder >= 0 else { return nil }
    defer { close(folder) }
    self.init(of: folder, names, &buffer)
  }

  /// Of the folder alone.
  package init?(of folder: Folder) {
    guard let names = FolderNames(bytes: [0], count: 1, closely: 1) else { return nil }
    var buffer = Buffer()
    self.init(of: folder.descriptor, names, &buffer)
  }

  private init?(of folder: Int32, _ names: FolderNames, _ buffer: inout Buffer) {
    if buffer.nodes.count < names.count {
      buffer.nodes = [qtctl_node](repeating: qtctl_node(), count: names.count)
    }
    var place = qtctl_place()
    let isSeen = names.bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) {
        qtctl_nodes(folder, $0.baseAddress, names.count, names.closely, &buffer.nodes, &place) == 0
      }
    }
    guard isSeen, let own = buffer.nodes.first else { return nil }
    var hash = SHA256()
    withUnsafeBytes(of: place) { hash.update(bufferPointer: $0) }
    buffer.nodes.withUnsafeBytes { nodes in
      let length = names.count.multipliedSaturated(by: MemoryLayout<qtctl_node>.stride)
      hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: nodes.prefix(length)))
    }
    digest = Array(hash.finalize())
    self.place = FileFacts.Identity(mount: place.mount, device: place.device, inode: own.inode)
    latest = buffer.nodes.prefix(names.closely).reduce(FileFacts.Moment(.min, 0)) { latest, node in
      max(
        latest, FileFacts.Moment(node.changed, node.changed_nanoseconds),
        FileFacts.Moment(node.modified, node.modified_nanoseconds))
    }
  }
}

extension Folder {
  /// Whether it is on a filesystem on which every change of a content sets the time of change.
  package var showsEveryChange: Bool { qtctl_shows_every_change(descriptor) == 1 }
}

extension FileLocation {
  /// Whether nobody has the file open for writing, or mapped so.
  package var hasNoWriter: Bool {
    guard let file = try? openForReading().file else { return false }
    defer { close(file) }
    return qtctl_has_no_writer(file) == 1
  }
}
