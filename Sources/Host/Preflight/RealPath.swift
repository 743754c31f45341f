internal import Glibc

/// Paths as the kernel goes them.
enum RealPath {
  /// `path` without symlinks; `nil` where there is nothing.
  static func of(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  /// The deepest folder above `path` that exists, as it is written.
  static func existingFolder(above path: String) -> String {
    var folder = Files.parent(of: path)
    while folder != "/" && !folder.isEmpty && of(folder) == nil { folder = Files.parent(of: folder) }
    return folder
  }

  /// The deepest folder above `path` that exists, without symlinks.
  static func deepestFolder(above path: String) -> String { of(existingFolder(above: path)) ?? "/" }

  /// The last part of a path.
  static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "" }

  static func join(_ folder: String, _ rest: String) -> String {
    (folder == "/" ? "" : folder) + (rest.hasPrefix("/") ? "" : "/") + rest
  }
}
