public import Deployment
internal import Glibc
internal import SystemPackage

/// A manifest where it lies: decoded, with its text and the folder that its relative paths start from.
public struct ManifestFile: Sendable {
  public let manifest: Manifest
  public let text: String
  /// Absolute.
  public let folder: String
  /// Absolute.
  public let path: String

  /// - Parameter path: the file, or a folder that holds a `qtctl.yaml`.
  public init(at path: String) throws {
    let isFolder = try FileState.peek(Self.real(path) ?? path).type == .directory
    let file = isFolder ? path + "/" + Release.manifestName : path
    guard let absolute = Self.real(file) else {
      throw HostError.refused([
        isFolder ? "'\(path)' is no release: it has no \(Release.manifestName)" : "there is no manifest at '\(path)'"
      ])
    }
    let bytes = try Files.read(absolute)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HostError.refused(["\(file): not UTF-8 text; save it as UTF-8"])
    }
    self.text = text
    self.path = absolute
    folder = Files.parent(of: absolute)
    manifest = try Manifest(yaml: text, file: file)
  }

  /// `path` as seen from `folder`, absolute, `.` and `..` taken out by their names alone.
  public static func resolve(_ path: String, in folder: String) -> String {
    FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
  }

  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
