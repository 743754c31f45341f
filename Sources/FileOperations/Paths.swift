internal import Basics
internal import Deployment
internal import Glibc
internal import SystemPackage

/// Paths as the kernel goes them.
package enum Paths {
  /// `path` without symlinks; `nil` where there is nothing.
  package static func of(_ path: String) -> String? {
    guard let resolved = realpath(FileName.cString(path), nil) else { return nil }
    defer { free(resolved) }
    return FileName.text(cString: resolved)
  }

  /// `path` with the symlinks among the folders above it followed: the one name of the file itself.
  package static func place(of path: String) -> String {
    let folder = existingFolder(above: path)
    return of(folder).map { join($0, String(path.dropFirst(folder == "/" ? 0 : folder.count))) } ?? path
  }

  /// The target of a symlink as it is written; `nil` for what is none.
  package static func link(_ path: String) -> String? {
    var target = ""
    return readlinkat(AT_FDCWD, path, &target) > 0 ? target : nil
  }

  /// The deepest folder above `path` that exists, as it is written.
  package static func existingFolder(above path: String) -> String {
    var folder = Files.parent(of: path)
    while folder != "/" && !folder.isEmpty && of(folder) == nil { folder = Files.parent(of: folder) }
    return folder
  }

  /// The deepest folder above `path` that exists, without symlinks.
  package static func deepestFolder(above path: String) -> String { of(existingFolder(above: path)) ?? "/" }

  /// The last part of a path.
  package static func name(_ path: String) -> String {
    let bytes = path.utf8
    let slash = UInt8(ascii: "/")
    guard bytes.last != slash else { return path.split(separator: "/").last.map(String.init) ?? "" }
    guard let last = bytes.lastIndex(of: slash) else { return path }
    return String(path[bytes.index(after: last)...])
  }

  /// Whether no slash follows another one, and none is the last character.
  static func isPlain(_ path: String) -> Bool {
    func look(_ bytes: some Collection<UInt8>) -> Bool {
      var before: UInt8 = 0
      for byte in bytes {
        if byte == UInt8(ascii: "/"), before == byte { return false }
        before = byte
      }
      return before != UInt8(ascii: "/")
    }
    return path.utf8.withContiguousStorageIfAvailable(look) ?? look(path.utf8)
  }

  package static func join(_ folder: String, _ rest: String) -> String {
    (folder == "/" ? "" : folder) + (rest.hasPrefix("/") ? "" : "/") + rest
  }

  /// The folder in which this process was started.
  package static var current: String {
    guard let pointer = getcwd(nil, 0) else { return "/" }
    defer { free(pointer) }
    return FileName.text(cString: pointer)
  }

  /// `path` as seen from `folder`, absolute, `.` and `..` taken out by their names alone.
  package static func resolve(_ path: String, in folder: String) -> String {
    FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
  }
}

/// The places of many paths: each folder is followed once, so what is moved meanwhile may be missed.
package struct Places {
  private var folders: [String: String] = [:]
  private var last = (folder: "", place: "")

  package init() {}

  /// As `Paths.place(of:)`.
  package mutating func place(of path: String) -> String {
    let folder = Files.parent(of: path)
    guard !folder.isEmpty else { return Paths.place(of: path) }
    if folder != last.folder { last = (folder, place(ofFolder: folder)) }
    // Most folders are no symlink and under none.
    return last.place == folder && Paths.isPlain(path) ? path : Paths.join(last.place, Paths.name(path))
  }

  private mutating func place(ofFolder folder: String) -> String {
    if let known = folders[folder] { return known }
    let place = Paths.of(folder) ?? Paths.place(of: folder)
    folders[folder] = place
    return place
  }
}

extension Files {
  /// The folders above `path` that do not exist, the shallowest first.
  package static func missingFolders(above path: String) -> [String] {
    var missing: [String] = []
    var folder = parent(of: path)
    while folder != "/" && !folder.isEmpty && !exists(folder) {
      missing.insert(folder, at: 0)
      folder = parent(of: folder)
    }
    return missing
  }

  /// Makes a folder and those above it; what exists stays as it is. The new names are durable on return.
  ///
  /// - Parameter syncs: false where the caller makes them durable with more.
  package static func makeFolders(_ path: String, mode: UInt32, syncs: Bool = true) throws(FileError) {
    guard !exists(path) else { return }
    for folder in missingFolders(above: path) + [path] {
      do {
        try check("make folder", folder) { Int(mkdir(folder, mode)) }
        // Whatever the caller's umask is.
        try check("set the mode of", folder) { Int(chmod(folder, mode)) }
      } catch  where error.errno == .fileExists {
        continue
      }
      if syncs { try syncFolder(of: folder) }
    }
  }

  /// Removes a folder when it is there and empty; whether it is gone.
  @discardableResult
  package static func removeFolderIfEmpty(_ path: String) throws(FileError) -> Bool {
    do {
      try check("remove folder", path) { Int(rmdir(path)) }
      try syncFolder(of: path)
      return true
    } catch  where error.errno == .directoryNotEmpty || error.errno == .fileExists {
      return false
    } catch  where error.errno == .noSuchFileOrDirectory {
      // Gone already, perhaps by a call whose fsync failed.
      if exists(parent(of: path)) { try syncFolder(of: path) }
      return true
    }
  }

  /// The names in a folder, sorted; empty where there is no such folder.
  package static func names(in folder: String) throws(FileError) -> [String] { try entries(in: folder).map(\.name) }

  /// The names in a folder, sorted, and whether each is a folder; `nil` where the filesystem does not tell.
  package static func entries(in folder: String) throws(FileError) -> [(name: String, isFolder: Bool?)] {
    guard let stream = opendir(folder) else {
      let number = Errno(rawValue: Glibc.errno)
      if number == .noSuchFileOrDirectory || number == .notDirectory { return [] }
      throw FileError(operation: "list", path: folder, errno: number)
    }
    defer { closedir(stream) }
    var entries: [(name: String, isFolder: Bool?)] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { FileName.text(cString: $0) }
      }
      guard name != ".", name != ".." else { continue }
      let type = Int32(entry.pointee.d_type)
      entries.append((name, type == Int32(DT_UNKNOWN) ? nil : type == Int32(DT_DIR)))
    }
    return entries.sorted { $0.name < $1.name }
  }

  /// Removes a folder of our own with all in it. Never follows a symlink.
  package static func removeTree(_ path: String) throws(FileError) {
    for name in try names(in: path) {
      let child = path + "/" + name
      if try FileState.peek(child).type == .directory {
        try removeTree(child)
      } else {
        try removeIfPresent(child)
      }
    }
    _ = try removeFolderIfEmpty(path)
  }

  /// Removes the hidden files that a death in the middle of `replace` has left in a folder of our own.
  package static func sweepStaged(in folder: String) throws(FileError) {
    for name in try names(in: folder) where name.hasPrefix(".") && name.hasSuffix(stagedSuffix) {
      try removeIfPresent(folder + "/" + name)
    }
  }

  package static func exists(_ path: String) -> Bool {
    var facts = stat()
    return lstat(path, &facts) == 0
  }
}
