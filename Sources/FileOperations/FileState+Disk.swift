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
    do {
      return try FileLocation(shared: path).state(expecting: expected, digest: digest)
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
