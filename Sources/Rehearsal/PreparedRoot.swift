internal import Subprocess
internal import SystemPackage

/// The files of a machine that has not booted yet.
package struct PreparedRoot: Sendable {
  /// Leads into the machine's mount namespace. Never walked further by this process: a link in it would lead out.
  let path: String
  /// The cgroup in which its files are written, so that they count as its memory; nil: this process's.
  let cgroup: String?

  /// Copies entries of a folder of the host, with all that they hold, owners and modes, to the same folder of the machine,
  /// in the place of what is there. Of a file that grows meanwhile, its beginning is copied.
  ///
  /// - Parameter folder: absolute, without symlinks.
  package func copy(_ names: [String], of folder: String) async throws {
    let (readEnd, writeEnd) = try OwnedDescriptor.pipe()
    async let packed = Self.run(
      "/usr/bin/tar",
      ["--create", "--sparse", "--numeric-owner", "--warning=no-file-changed", "--directory", folder, "--"] + names,
      input: .open("/dev/null"), output: writeEnd)
    let extract = [
      "--extract", "--preserve-permissions", "--numeric-owner", "--recursive-unlink", "--directory", folder,
    ]
    let entry = #"[ -z "$1" ] || echo 0 >"$1/cgroup.procs" || exit 1; shift; exec chroot "$@""#
    let unpacked = try await Self.run(
      "/bin/sh", ["-c", entry, "enter", cgroup ?? "", path, "/bin/tar"] + extract, input: readEnd, output: nil)
    let (status, errors) = try await packed
    // 1: a file changed while it was read.
    guard status == .exited(0) || status == .exited(1) else {
      throw MachineError.commandFailed(command: "tar --create", detail: errors)
    }
    guard unpacked.status == .exited(0) else {
      throw MachineError.commandFailed(command: "tar --extract", detail: unpacked.errors)
    }
  }

  private static func run(
    _ program: String, _ arguments: [String], input: OwnedDescriptor, output: OwnedDescriptor?
  ) async throws -> (status: TerminationStatus, errors: String) {
    let sink = try output ?? OwnedDescriptor(FileDescriptor.open("/dev/null", .writeOnly, options: .closeOnExec))
    let result = try await Subprocess.run(
      .path(FilePath(program)), arguments: Arguments(arguments),
      environment: .custom(["PATH": Machine.path, "LC_ALL": "C"]),
      input: .fileDescriptor(FileDescriptor(rawValue: input.rawValue), closeAfterSpawningProcess: false),
      output: .fileDescriptor(FileDescriptor(rawValue: sink.rawValue), closeAfterSpawningProcess: false),
      error: .string(limit: 1 << 16)
    ) { _ in
      // The pipe ends when its last holder does.
      input.close()
      sink.close()
    }
    return (result.terminationStatus, result.standardError)
  }
}
