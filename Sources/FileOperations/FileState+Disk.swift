package import Deployment
internal import Glibc
internal import SystemPackage

extension FileState {
  /// The state of `path`, content digest included, however it is reached. A symlink is itself, never what it points
  /// to.
  ///
  /// - Parameter digest: how the content's digest is come by.
  package static func read(
    _ path: String, digest: (FileLocation) throws -> String = Digest.file
  ) throws -> FileState {
    try at(own: path) { try $0.state(digest: digest) } ?? .absent
  }

  /// The state of `path`, without reading its content, however it is reached.
  package static func peek(_ path: String) throws(FileError) -> FileState {
    do {
      return try at(own: path) { try $0.peek() } ?? .absent
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(operation: "look at", path: path, errno: .invalidArgument)
    }
  }

  /// The state of a target, whose folders others than root may own: see `Folder.shared`.
  ///
  /// - Parameters:
  ///   - expected: where the size alone shows that it is something else, the content is not read.
  ///   - digest: how the content's digest is come by.
  /// - Throws: `UntrustedLink`, or `FileError`.
  package static func read(
    shared path: String, expecting expected: FileState? = nil, digest: (FileLocation) throws -> String = Digest.file
  ) throws -> FileState {
    try orAbsent { try FileLocation(shared: path).state(expecting: expected, digest: digest) }
  }

  /// What is seen; absent where there is no such folder.
  static func orAbsent(_ look: () throws -> FileState) throws -> FileState {
    do {
      return try look()
    } catch let error as FileError where isAbsence(error) {
      return .absent
    }
  }

  private static func at(own path: String, _ look: (FileLocation) throws -> FileState) throws -> FileState? {
    // The last component of "/" and of "/x/." is the folder itself.
    let name = Paths.name(path)
    do {
      return try look(
        name.isEmpty || name == "." || name == ".."
          ? FileLocation(Folder.own(path.isEmpty ? "." : path), ".") : FileLocation(own: path))
    } catch let error as FileError where isAbsence(error) {
      return nil
    }
  }

  private static func isAbsence(_ error: FileError) -> Bool {
    error.errno == .noSuchFileOrDirectory || error.errno == .notDirectory
  }
}

/// The folder that was opened last. Of thousands of files that are looked at in a row, most lie in the folder of the one
/// before: that one is opened once, and all of them are looked at in this very folder.
package struct LastFolder {
  private enum Way { case own, shared }

  private var known: (path: String, way: Way, folder: Result<Folder, any Error>)?
  private var places = Places()

  package init() {}

  /// As `FileLocation(own:)`.
  fileprivate mutating func location(own path: String) throws -> FileLocation {
    FileLocation(try folder(Files.parent(of: path), .own), Paths.name(path))
  }

  /// As `FileLocation(shared:)`.
  fileprivate mutating func location(shared path: String) throws -> FileLocation {
    FileLocation(try folder(Files.parent(of: path), .shared), Paths.name(path))
  }

  /// As `Places.place(of:)`.
  package mutating func place(of path: String) -> String { places.place(of: path) }

  private mutating func folder(_ path: String, _ way: Way) throws -> Folder {
    if let known, known.path == path, known.way == way { return try known.folder.get() }
    let folder = Result { try way == .own ? Folder.own(path) : Folder.shared(path) }
    known = (path, way, folder)
    return try folder.get()
  }
}

extension FileState {
  /// As `read(_:digest:)`, for many files in a row.
  ///
  /// - Parameter last: the folder of the one before.
  package static func read(
    _ path: String, in last: inout LastFolder, digest: (FileLocation) throws -> String = Digest.file
  ) throws -> FileState {
    // The last component of "/" and of "/x/." is the folder itself.
    guard !["", ".", ".."].contains(Paths.name(path)) else { return try read(path, digest: digest) }
    return try orAbsent { try last.location(own: path).state(digest: digest) }
  }

  /// As `peek`, for many files in a row.
  ///
  /// - Parameter last: the folder of the one before.
  package static func peek(_ path: String, in last: inout LastFolder) throws -> FileState {
    guard !["", ".", ".."].contains(Paths.name(path)) else { return try peek(path) }
    return try orAbsent { try last.location(own: path).peek() }
  }

  /// As `read(shared:digest:)`, for many files in a row.
  ///
  /// - Parameter last: the folder of the one before.
  package static func read(
    shared path: String, in last: inout LastFolder, digest: (FileLocation) throws -> String = Digest.file
  ) throws -> FileState {
    try orAbsent { try last.location(shared: path).state(digest: digest) }
  }
}
