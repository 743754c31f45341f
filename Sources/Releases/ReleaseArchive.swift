internal import Deployment
internal import FileOperations
internal import Glibc
package import HostState
internal import Subprocess
internal import SystemPackage

/// A release in a `.tar`, `.tar.gz` or `.tar.zst`, unpacked for the time of a deploy.
///
/// The archive is opened once and read twice by `tar`: first its list, which is judged member by member, then its
/// content, which must still be the same. Only plain files and folders with plain names are unpacked, as root's own,
/// without setuid bits.
package struct ReleaseArchive: Sendable {
  /// Where it was unpacked; remove it with `remove()`.
  package let folder: String

  package static func isArchive(_ path: String) -> Bool {
    [".tar", ".tar.gz", ".tgz", ".tar.zst"].contains { path.hasSuffix($0) }
  }

  /// Unpacks `path` below the state folder.
  ///
  /// - Throws: `Refusal` for an archive that is damaged, too large, not to be trusted, or holds what no release
  ///   needs. Nothing is left then.
  package init(unpacking path: String, below state: StateFolder) async throws {
    guard Caller.isRoot else { throw Refusal(["unpacking a release needs root; run qtctl with sudo"]) }
    // Not waiting: it may be a pipe that nobody writes to.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard file >= 0 else {
      throw Refusal(["archive '\(path)' cannot be read: \(Errno(rawValue: errno))"])
    }
    defer { close(file) }
    let before = try Self.look(at: file, path)
    let list = try ArchiveList(
      judging: await Self.tar(["--list", "--verbose", "--numeric-owner", "--quoting-style=escape"], file, path))
    let shortage = try Filesystem(holding: state.path).shortage(bytes: list.bytes, files: list.count)
    if let shortage { throw Refusal(["not enough disk space to unpack '\(path)': \(shortage)"]) }
    folder = state.unpacked(by: getpid())
    try Files.removeTree(folder)
    try Files.makeFolders(folder, mode: 0o700)
    do {
      _ = try await Self.tar(
        ["--extract", "--no-same-owner", "--no-same-permissions", "--directory", folder], file, path)
      guard try Self.look(at: file, path) == before else {
        throw Refusal(["'\(path)' changed while it was being read; run the command again"])
      }
    } catch {
      remove()
      throw error
    }
  }

  /// Takes away what was unpacked.
  package func remove() { try? Files.removeTree(folder) }

  /// The folder in the archive that holds the manifest: its top, or the one folder at its top.
  package func release() throws -> String {
    let names = try Files.names(in: folder)
    if names.contains(Release.manifestName) { return folder }
    if names.count == 1, let name = names.first, Files.exists("\(folder)/\(name)/\(Release.manifestName)") {
      return folder + "/" + name
    }
    throw Refusal([
      "the archive has no '\(Release.manifestName)' at its top or in its only folder; pack the release's folder"
    ])
  }

  /// What tells whether a file is still the same: the kernel lets nobody choose the time of a change.
  private static func look(at file: Int32, _ path: String) throws -> [Int] {
    var facts = stat()
    try Files.check("look at", path) { Int(fstat(file, &facts)) }
    guard facts.st_mode & S_IFMT == S_IFREG else { throw Refusal(["archive '\(path)' is not a plain file"]) }
    let faults = TrustedOwners.faults(of: path, mode: facts.st_mode & 0o7777, owner: facts.st_uid)
    guard faults.isEmpty else { throw Refusal(faults) }
    return [Int(facts.st_size), facts.st_ctim.tv_sec, facts.st_ctim.tv_nsec]
  }

  /// What `tar` prints; it may take a minute and print 16 MiB.
  private static func tar(_ arguments: [String], _ file: Int32, _ path: String) async throws -> String {
    var options = PlatformOptions()
    options.teardownSequence = [.send(signal: .kill, allowedDurationToNextStep: .zero)]
    let work = Task { [options] in
      try await Subprocess.run(
        // Opened anew there, from its beginning; a name of its own could be one of a remote host to tar.
        .name("tar"), arguments: Arguments(arguments + ["--file", "/proc/self/fd/0"]),
        environment: .inherit.updating(["LC_ALL": "C.UTF-8"]), platformOptions: options,
        input: .fileDescriptor(FileDescriptor(rawValue: file), closeAfterSpawningProcess: false),
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
        throw Refusal(["'\(path)' is not an archive that tar can read: \(reason)"])
      }
      return result.standardOutput
    } catch let error as Refusal {
      throw error
    } catch {
      throw Refusal([
        "the archive '\(path)' could not be read within a minute, or names more than \(ArchiveList.mostFiles) members: "
          + "\(error)"
      ])
    }
  }
}
