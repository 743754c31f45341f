public import Deployment
internal import Glibc
internal import SystemPackage

/// A manifest where it lies: decoded, with its text and the folder that its relative paths start from.
public struct ManifestFile: Sendable {
  /// More than any manifest has; what is within it is judged by its reader.
  private static let mostBytes = 64 << 20

  public let manifest: Manifest
  public let text: String
  /// Absolute. Sources are relative to it.
  public let folder: String
  /// Absolute. The backup store is relative to it: the manifest's folder, or the archive as if it were that folder.
  public let home: String
  /// Absolute.
  public let path: String

  /// - Parameters:
  ///   - path: the file, or a folder that holds a `qtctl.yaml`.
  ///   - archive: the archive that the folder was unpacked from.
  public init(at path: String, archive: String? = nil) throws {
    guard !ReleaseArchive.isArchive(path) else {
      throw HostError.refused(["'\(path)' is an archive; name it as RELEASE, as in: qtctl deploy \(path)"])
    }
    let isFolder = try FileState.peek(Self.real(path) ?? path).type == .directory
    let file = isFolder ? path + "/" + Release.manifestName : path
    guard let absolute = Self.real(file) else {
      throw HostError.refused([
        isFolder
          ? "'\(path)' is no release: it has no \(Release.manifestName)" + Self.hint(below: path)
          : "there is no manifest at '\(path)', or this user may not read it"
      ])
    }
    let found = try FileState.peek(absolute)
    guard found.type == .file, found.size ?? 0 <= Self.mostBytes else {
      throw HostError.refused([
        "'\(path)' is no manifest: it is no plain file, or has more than \(Self.mostBytes) bytes"
      ])
    }
    let bytes = try Files.read(absolute)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw HostError.refused(["\(file): not UTF-8 text; save it as UTF-8"])
    }
    self.text = text
    self.path = absolute
    folder = Files.parent(of: absolute)
    home = archive.flatMap(Self.real) ?? folder
    manifest = try Manifest(yaml: text, file: file)
  }

  /// `path` as seen from `folder`, absolute, `.` and `..` taken out by their names alone.
  public static func resolve(_ path: String, in folder: String) -> String {
    FilePath(folder).pushing(FilePath(path)).lexicallyNormalized().string
  }

  private static func hint(below folder: String) -> String {
    Files.exists("\(folder)/units/\(Release.manifestName)") ? "; did you mean '\(folder)/units'?" : ""
  }

  private static func real(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
