internal import Basics
package import Deployment
internal import FileOperations
internal import Glibc
internal import Manifests
internal import SystemPackage

/// A manifest where it lies: decoded, with its text and the folder that its relative paths start from.
package struct ManifestFile: Sendable {
  /// More than any manifest has; what is within it is judged by its reader.
  static let mostBytes = 64 << 20

  package let manifest: Manifest
  package let text: String
  /// Absolute. Sources are relative to it.
  package let folder: String
  /// Absolute. The backup store is relative to it: the manifest's folder, or the archive as if it were that folder.
  package let home: String
  /// Absolute.
  package let path: String

  /// - Parameters:
  ///   - path: the file, or a folder that holds a `qtctl.yaml`.
  ///   - archive: the archive that the folder was unpacked from.
  package init(at path: String, archive: String? = nil) throws {
    let absolute = try Self.place(of: path)
    let found = try FileState.peek(absolute)
    guard found.type == .file, found.size ?? 0 <= Self.mostBytes else {
      throw Refusal([
        "'\(path)' is not a manifest: it is not a plain file, or has more than \(Self.mostBytes) bytes"
      ])
    }
    let bytes = try Files.read(absolute)
    let file = Self.shown(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(["\(file): not UTF-8 text; save it as UTF-8"])
    }
    self.text = text
    self.path = absolute
    folder = Files.parent(of: absolute)
    home = archive.flatMap(Self.real) ?? folder
    manifest = try Manifest(yaml: text, file: file)
  }

  /// Where the manifest of a release lies, absolute; nothing of it is read.
  ///
  /// - Parameter path: as in `init`.
  /// - Throws: `Refusal` where there is none.
  package static func place(of path: String) throws -> String {
    guard !ReleaseArchive.isArchive(path) else {
      throw Refusal(["'\(path)' is an archive; name it as RELEASE, as in: qtctl deploy \(ShellWord.of(path))"])
    }
    let foreign = [".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".zip", ".tar.lz4", ".7z", ".deb", ".rpm"]
    if let suffix = foreign.first(where: path.hasSuffix) {
      throw Refusal(["'\(path)' is a \(suffix) file; a release archive is a .tar, .tar.gz or .tar.zst: pack it as one"])
    }
    guard let absolute = real(shown(path)) else {
      throw Refusal([
        shown(path) == path
          ? "manifest '\(path)' does not exist, or this user may not read it; name a release's folder, its manifest, or an archive"
          : "'\(path)' is not a release: it has no '\(Release.manifestName)'" + hint(below: path)
      ])
    }
    return absolute
  }

  /// The file as a person would name it.
  private static func shown(_ path: String) -> String {
    let isFolder = (try? FileState.peek(real(path) ?? path).type) == .directory
    return isFolder ? path + "/" + Release.manifestName : path
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
