internal import Glibc
internal import SystemPackage

/// Paths as the kernel goes them.
package enum Paths {
  /// `path` without symlinks; `nil` where there is nothing.
  package static func of(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// `path` with the symlinks among the folders above it followed: the one name of the file itself.
  package static func place(of path: String) -> String {
    let folder = existingFolder(above: path)
    return of(folder).map { join($0, String(path.dropFirst(folder == "/" ? 0 : folder.count))) } ?? path
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
  package static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

  package static func join(_ folder: String, _ rest: String) -> String {
    (folder == "/" ? "" : folder) + (rest.hasPrefix("/") ? "" : "/") + rest
  }

  /// `path` as seen from `folder`, absolute, `.` and `..` taken out by their names alone.
  package static func resolve(_ path: String, in folder: String) -> String {
    FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
  }
}
