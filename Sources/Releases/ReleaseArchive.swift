internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
package import HostState
internal import Manifests
internal import SystemPackage

/// A release in a `.tar`, `.tar.gz` or `.tar.zst`, unpacked for the time of a deploy.
///
/// The archive is opened once and read twice: first all its members are judged, then they are unpacked, by the same code
/// and the same rules, and the archive must still be the same. Only plain files, folders and symlinks with plain names are
/// unpacked, as root's own, without setuid bits and with the time of now.
package struct ReleaseArchive: Sendable {
  /// Where it was unpacked; remove it with `remove()`.
  package let folder: String
  /// The symlinks that lead out of it, relative to the folder.
  private let leadingOut: [String]

  package static func isArchive(_ path: String) -> Bool {
    [".tar", ".tar.gz", ".tgz", ".tar.zst"].contains { path.hasSuffix($0) }
  }

  /// Unpacks `path` below the state folder.
  ///
  /// - Throws: `Refusal` for an archive that is damaged, too large, not to be trusted, or holds what no release
  ///   needs. Nothing is left then.
  package init(unpacking path: String, below state: StateFolder) throws {
    guard Caller.isRoot else { throw Refusal(["unpacking a release needs root; run qtctl with sudo"]) }
    // Not waiting: it may be a pipe that nobody writes to.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw Refusal(["archive '\(path)' cannot be read: \(Errno(rawValue: errno)); check its name and its rights"])
    }
    defer { close(file) }
    let before = try Self.look(at: file, path)
    let list = try Self.read(file, path)
    leadingOut = list.leadingOut
    let shortage = try Filesystem(holding: state.path).shortage(bytes: list.bytes, files: list.count)
    if let shortage { throw Refusal(["not enough disk space to unpack '\(path)': \(shortage)"]) }
    folder = state.unpacked(by: getpid())
    try Files.removeTree(folder)
    try Files.makeFolders(folder, mode: 0o700)
    do {
      try Self.read(file, path) { [folder] member, reader in try Self.unpack(member, reader, to: folder) }
      guard try Self.look(at: file, path) == before else {
        throw Refusal(["'\(path)' changed while it was being read; run the command again"])
      }
    } catch {
      remove()
      throw error
    }
  }

  /// The manifest of an archive, read without unpacking anything.
  ///
  /// - Throws: as `init`, and `ManifestError`.
  package static func manifest(in path: String) throws -> Manifest {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw Refusal(["archive '\(path)' cannot be read: \(Errno(rawValue: errno)); check its name and its rights"])
    }
    defer { close(file) }
    _ = try look(at: file, path)
    var bytes: [UInt8]?
    try read(file, path) { member, reader in
      guard bytes == nil, member.kind == .file, let name = member.name, let size = member.size,
        size <= ManifestFile.mostBytes, ArchiveJudge.components(name).count <= 2,
        Paths.name(name) == Release.manifestName
      else { return }
      let copy = try MemoryFile()
      try reader.write(to: copy.descriptor.rawValue, size: size)
      bytes = try copy.contents()
    }
    guard let bytes, let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(["the archive '\(path)' has no '\(Release.manifestName)' at its top or in its only folder"])
    }
    return try Manifest(yaml: text, file: path)
  }

  /// Takes away what was unpacked.
  package func remove() { try? Files.removeTree(folder) }

  /// The folder in the archive that holds the manifest: its top, or the one folder at its top.
  package func release() throws -> String {
    let names = try Files.names(in: folder)
    if names.contains(Release.manifestName) { return folder }
    if names.count == 1, let name = names.first, Files.exists("\(folder)/\(name)/\(Release.manifestName)") {
      return folder + "/" + name
    }
    throw Refusal([
      "the archive has no '\(Release.manifestName)' at its top or in its only folder; pack the release's folder"
    ])
  }

  /// What tells whether a file is still the same: the kernel lets nobody choose the time of a change.
  ///
  /// - Throws: `Refusal` where it is no plain file, or others than root and the caller can change it.
  package static func look(at file: Int32, _ path: String) throws -> [Int] {
    var facts = stat()
    try Files.check("look at", path) { Int(fstat(file, &facts)) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw Refusal(["archive '\(path)' is not a plain file; name a .tar, .tar.gz or .tar.zst"])
    }
    if let fault = PathTrust.deployer.fault(of: path) {
      throw Refusal([
        "of the archive '\(path)', \(fault), so that others than root and you decide what is deployed; run: "
          + "chown \(Caller.name) '\(fault.path)' && chmod go-w '\(fault.path)'"
      ])
    }
    return [Int(facts.st_size), facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec]
  }

  /// Reads all members, each judged before it is handed over.
  @discardableResult
  private static func read(
    _ file: Int32, _ path: String, _ take: ((ArchiveMember, ArchiveReader) throws -> Void)? = nil
  ) throws -> ArchiveJudge {
    let reader = try ArchiveReader(file, path: path, deadline: .now + .seconds(60))
    var judge = ArchiveJudge()
    while let member = try reader.next() {
      // It may have been rewritten since it was read first.
      try judge.judge(member, isStrict: take != nil)
      try take?(member, reader)
    }
    try judge.end()
    return judge
  }

  /// Refuses a release in which a symlink that leads out is not part of a folder that is deployed, or a source lies behind
  /// a symlink: what is deployed is what was packed.
  ///
  /// - Throws: `Refusal`.
  package func check(_ release: Release) throws {
    let manifest = release.manifest
    let sources = (manifest.files + manifest.services.flatMap(\.files)).filter { $0.link == nil }
      .map { Paths.resolve($0.source, in: release.contents) }
    let root = Paths.of(folder) ?? folder
    var faults = leadingOut.map { folder + "/" + $0 }.filter { link in
      !sources.contains { link == $0 || link.hasPrefix($0 + "/") }
    }.map { link in
      let name = Printable.line(String(link.dropFirst(folder.count + 1)))
      return "the symlink '\(name)' leads out of the archive and is in no deployed folder"
    }
    for source in sources where source.hasPrefix(folder + "/") {
      let above = Files.parent(of: source)
      guard Paths.of(above) != root + above.dropFirst(folder.count) else { continue }
      faults.append("source '\(source.dropFirst(folder.count + 1))' lies behind a symlink")
    }
    guard faults.isEmpty else { throw Refusal(faults.prefix(10).map { "the archive is refused: \($0)" }) }
  }

  /// Unpacks one member that was found good. The folder is root's alone, and a symlink in it is never gone through.
  private static func unpack(_ member: ArchiveMember, _ reader: ArchiveReader, to folder: String) throws {
    guard let name = member.name else { return }
    let components = ArchiveJudge.components(name)
    var place = folder
    for component in member.kind == .folder ? components[...] : components.dropLast() {
      place += "/" + component
      if mkdir(FileName.cString(place), 0o755) == 0 { continue }
      let number = errno
      if number == EEXIST, try FileState.peek(place).type == .directory { continue }
      throw FileError(operation: "make folder", path: place, errno: Errno(rawValue: number))
    }
    guard let last = components.last else { return }
    if member.kind == .folder {
      // Root gets into it whatever the archive says.
      try Files.check("set the mode of", place) { Int(chmod(FileName.cString(place), member.mode & 0o755 | 0o700)) }
    }
    if case .symlink(.some(let target)) = member.kind {
      place += "/" + last
      try Files.check("make symlink", place) { Int(symlink(FileName.cString(target), FileName.cString(place))) }
    }
    guard member.kind == .file, let size = member.size else { return }
    place += "/" + last
    // Others never get to write, as with an archive that is unpacked by hand.
    let mode = member.mode & 0o755
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let file = Int32(try Files.check("create", place) { Int(open(FileName.cString(place), flags, 0o600)) })
    defer { close(file) }
    try reader.write(to: file, size: size)
    try Files.check("set the mode of", place) { Int(fchmod(file, mode)) }
  }
}
