internal import Deployment
internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A release in a `.tar`, `.tar.gz` or `.tar.zst`, unpacked for the time of a deploy.
///
/// The archive is read twice by `tar`: first its list, which is judged member by member, then its content. Only plain
/// files and folders with plain names are unpacked, as root's own, without setuid bits.
public struct ReleaseArchive: Sendable {
  /// Where it was unpacked; remove it with `remove()`.
  public let folder: String

  public static func isArchive(_ path: String) -> Bool {
    [".tar", ".tar.gz", ".tgz", ".tar.zst"].contains { path.hasSuffix($0) }
  }

  /// Unpacks `path` below the state folder.
  ///
  /// - Throws: `HostError.refused` for an archive that is damaged, too large, or holds what no release needs. Nothing is
  ///   left then.
  public init(unpacking path: String, below state: StateFolder) async throws {
    guard Preflight.isRoot else { throw HostError.refused(["unpacking a release needs root; run it with sudo"]) }
    try ArchiveList.judge(await Self.tar(["--list", "--verbose", "--numeric-owner", "--quoting-style=escape"], path))
    folder = state.path + "/unpacked-\(getpid())"
    try Files.removeTree(folder)
    try Files.makeFolders(folder, mode: 0o700)
    do {
      _ = try await Self.tar(["--extract", "--no-same-owner", "--no-same-permissions", "--directory", folder], path)
    } catch {
      remove()
      throw error
    }
  }

  /// Takes away what was unpacked.
  public func remove() { try? Files.removeTree(folder) }

  /// The folder in the archive that holds the manifest: its top, or the one folder at its top.
  public func release() throws -> String {
    let names = try Files.names(in: folder)
    if names.contains(Release.manifestName) { return folder }
    if names.count == 1, let name = names.first, Files.exists("\(folder)/\(name)/\(Release.manifestName)") {
      return folder + "/" + name
    }
    throw HostError.refused(["the archive holds no \(Release.manifestName), neither at its top nor in its one folder"])
  }

  /// What `tar` prints; it may take a minute and print 16 MiB.
  private static func tar(_ arguments: [String], _ path: String) async throws -> String {
    var options = PlatformOptions()
    options.teardownSequence = [.send(signal: .kill, allowedDurationToNextStep: .zero)]
    let work = Task { [options] in
      try await Subprocess.run(
        .name("tar"), arguments: Arguments(arguments + ["--file", path]),
        environment: .inherit.updating(["LC_ALL": "C"]), platformOptions: options,
        output: .string(limit: 16 << 20), error: .string(limit: 64 << 10))
    }
    let limit = Task {
      try await Task.sleep(for: .seconds(60))
      work.cancel()
    }
    defer { limit.cancel() }
    do {
      let result = try await work.value
      guard result.terminationStatus.isSuccess else {
        let reason = result.standardError.split(separator: "\n").first.map(String.init) ?? "tar failed"
        throw HostError.refused(["'\(path)' is no archive that tar can read: \(reason)"])
      }
      return result.standardOutput
    } catch let error as HostError {
      throw error
    } catch {
      throw HostError.refused([
        "'\(path)' could not be read within a minute and \(ArchiveList.mostFiles) members: \(error)"
      ])
    }
  }
}
