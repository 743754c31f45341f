internal import Basics
internal import Crypto
internal import Deployment
internal import FileOperations
internal import Glibc
internal import HostState

/// What came to this host from others, whole and proved: a folder each, named by its digest. The latest stay, so that of the
/// next one only the files travel that are new.
struct ReceivedParcels {
  private static let kept = 4
  private static let listing = "parcel.json"
  private static let content = "content"
  private static let prefix = ".incoming-"
  /// Nothing that may be in use is taken away.
  private static let youngest = 3600

  private let folder: String

  /// - Throws: where qtctl's state cannot be kept.
  init(_ state: StateFolder) throws {
    try state.prepare()
    folder = state.received
    try Files.makeFolders(folder, mode: 0o700)
  }

  /// Takes a parcel.
  ///
  /// - Parameters:
  ///   - ask: is given the places of the files that are not here.
  ///   - read: the next bytes that were sent; at most so many.
  /// - Returns: the path of what the command is to use.
  func receive(_ parcel: Parcel, ask: (Lacks) throws -> Void, read: (Int) throws -> [UInt8]) throws -> String {
    let place = folder + "/" + (try parcel.digest)
    if isWhole(parcel, at: place) {
      try ask(Lacks(files: []))
      try Files.check("touch", place) { Int(utimensat(AT_FDCWD, place + "/" + Self.listing, nil, 0)) }
      return Paths.join(place + "/" + Self.content, parcel.main)
    }
    sweep()
    let staged = folder + "/" + Self.prefix + String(getpid())
    try Files.removeTree(staged)
    do {
      try unpack(parcel, into: staged, ask: ask, read: read)
      // One that was here and is not whole.
      try Files.removeTree(place)
      try Files.rename(staged, to: place)
    } catch {
      try? Files.removeTree(staged)
      throw error
    }
    return Paths.join(place + "/" + Self.content, parcel.main)
  }

  private func unpack(
    _ parcel: Parcel, into staged: String, ask: (Lacks) throws -> Void, read: (Int) throws -> [UInt8]
  ) throws {
    let root = staged + "/" + Self.content
    try Files.makeFolders(root, mode: 0o700)
    var known = index(of: parcel)
    var wanted: Set<String> = []
    let lacking = parcel.entries.indices.filter { place in
      guard let digest = parcel.entries[place].sha256, known[digest] == nil else { return false }
      return wanted.insert(digest).inserted
    }
    try ask(Lacks(files: lacking))
    for entry in parcel.entries where entry.kind == .folder {
      try Files.check("make folder", entry.path) { Int(mkdir(FileName.cString(root + "/" + entry.path), 0o700)) }
    }
    for place in lacking {
      let entry = parcel.entries[place]
      var left = entry.size
      try write(entry, to: root) {
        let bytes = left == 0 ? [] : try read(min(left, 1 << 20))
        left -= bytes.count
        return bytes
      }
      if let digest = entry.sha256 { known[digest] = root + "/" + entry.path }
    }
    for (place, entry) in parcel.entries.enumerated() where entry.kind == .file && !lacking.contains(place) {
      guard let source = entry.sha256.flatMap({ known[$0] }) else { continue }
      try copy(source, to: entry, below: root)
    }
    for entry in parcel.entries where entry.kind == .link {
      try Files.check("make link", entry.path) {
        Int(symlink(FileName.cString(entry.target ?? ""), FileName.cString(root + "/" + entry.path)))
      }
    }
    for entry in parcel.entries.reversed() where entry.kind == .folder {
      try Files.check("set the mode of", entry.path) {
        Int(chmod(FileName.cString(root + "/" + entry.path), mode_t(entry.mode)))
      }
    }
    try Files.replace(staged + "/" + Self.listing, with: JSON.line(parcel), mode: 0o600)
    try Folder.own(staged).syncFilesystem()
  }

  /// - Parameter more: the next bytes; none at the end.
  private func write(_ entry: Parcel.Entry, to root: String, _ more: () throws -> [UInt8]) throws {
    let path = root + "/" + entry.path
    let file = Int32(
      try Files.check("create", path) {
        Int(open(FileName.cString(path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600))
      })
    defer { close(file) }
    var hash = SHA256()
    while case let bytes = try more(), !bytes.isEmpty {
      hash.update(data: bytes)
      try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: path) }
    }
    try Files.check("set the mode of", path) { Int(fchmod(file, mode_t(entry.mode))) }
    guard Digest.hex(hash.finalize()) == entry.sha256 else {
      throw Refusal(["'\(entry.path)' changed while it was being sent; run the command again"])
    }
  }

  private func copy(_ source: String, to entry: Parcel.Entry, below root: String) throws {
    let file = Int32(
      try Files.check("open", source) { Int(open(FileName.cString(source), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) })
    defer { close(file) }
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    try write(entry, to: root) {
      let count = try Files.check("read", source) { read(file, &buffer, buffer.count) }
      return Array(buffer.prefix(count))
    }
  }

  /// Where the files of a parcel are already, by digest, each read again: only a file that is what its record says.
  private func index(of parcel: Parcel) -> [String: String] {
    let wanted = Set(parcel.entries.compactMap(\.sha256))
    var found: [String: String] = [:]
    for name in (try? parcels()) ?? [] {
      let place = folder + "/" + name
      guard let bytes = try? Files.read(place + "/" + Self.listing),
        let other = try? JSON.decode(Parcel.self, from: bytes, path: place), (try? other.validate()) != nil
      else { continue }
      for entry in other.entries {
        guard let digest = entry.sha256, wanted.contains(digest), found[digest] == nil else { continue }
        let path = place + "/" + Self.content + "/" + entry.path
        if (try? Digest.file(path)) == digest { found[digest] = path }
      }
    }
    return found
  }

  /// Whether it is here as it was sent, down to the last byte.
  private func isWhole(_ parcel: Parcel, at place: String) -> Bool {
    guard Files.exists(place + "/" + Self.listing) else { return false }
    let root = place + "/" + Self.content
    var count = 0
    let walk = (try? Folder.own(root)).map { TreeWalk(root: $0, exclusion: Exclusion([]), barriers: []) }
    guard let rest = try? walk?.run({ _, _ in count += 1 }), rest.staged.isEmpty,
      count == parcel.entries.count
    else { return false }
    return parcel.entries.allSatisfy { entry in
      guard let state = try? FileState.read(root + "/" + entry.path) else { return false }
      return switch entry.kind {
      case .file: state.type == .file && state.sha256 == entry.sha256 && (state.mode ?? 0) & 0o7777 == entry.mode
      case .folder: state.type == .directory && (state.mode ?? 0) & 0o7777 == entry.mode
      case .link: state.type == .symlink && state.link == entry.target
      }
    }
  }

  /// Takes a parcel away.
  ///
  /// - Parameter path: as `receive` has returned it of one file.
  func forget(_ path: String) {
    let place = Files.parent(of: Files.parent(of: path))
    guard Files.parent(of: place) == folder else { return }
    try? Files.removeTree(place)
  }

  private func parcels() throws -> [String] {
    try Files.names(in: folder).filter { !$0.hasPrefix(".") }
  }

  /// Takes away what is old, and what a process that died has left.
  private func sweep() {
    let now = time(nil)
    let all = ((try? parcels()) ?? []).map { name in (name, Self.used(folder + "/" + name + "/" + Self.listing)) }
    for (name, used) in all.sorted(by: { $0.1 > $1.1 }).dropFirst(Self.kept - 1) where now - used > Self.youngest {
      try? Files.removeTree(folder + "/" + name)
    }
    for name in (try? Files.names(in: folder)) ?? [] where name.hasPrefix(Self.prefix) {
      guard let pid = Int32(name.dropFirst(Self.prefix.count).prefix { $0 != "-" }), kill(pid, 0) != 0, errno == ESRCH
      else { continue }
      try? Files.removeTree(folder + "/" + name)
    }
  }

  private static func used(_ path: String) -> Int {
    var facts = stat()
    return stat(path, &facts) == 0 ? facts.st_mtim.tv_sec : 0
  }
}
