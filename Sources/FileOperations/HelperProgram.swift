internal import CLinux
internal import Glibc
internal import Subprocess
package import SystemPackage

/// A program of the system that shows or tells something nice to have, run in the middle of a transaction: whatever
/// goes wrong with it is no more than its absence.
///
/// It gets descriptors of ours. Those that Subprocess opens by itself end the process where one of several cannot be
/// opened, as with too many open files.
package enum HelperProgram {
  /// - Parameters:
  ///   - command: the program and its arguments.
  ///   - limit: after so long it is killed, by timeout(1), whatever becomes of this process.
  /// - Returns: its exit status and what it printed; `nil` where it could not be run, or was ended by a signal.
  package static func run(
    _ command: [String], input: [UInt8] = [], within limit: Duration
  ) async -> (status: Int, output: [UInt8])? {
    // To timeout(1), 0 means none.
    let seconds = String(max(0.1, limit / .seconds(1)))
    do {
      let (stdin, stdout, stderr) = (try MemoryFile(input), try MemoryFile(), try MemoryFile())
      defer { withExtendedLifetime((stdin, stdout, stderr)) {} }
      let result = try await Subprocess.run(
        .path("/usr/bin/timeout"), arguments: Arguments(["--kill-after=1", seconds] + command),
        environment: .inherit.updating(["LC_ALL": "C"]),
        input: .fileDescriptor(stdin.descriptor, closeAfterSpawningProcess: false),
        output: .fileDescriptor(stdout.descriptor, closeAfterSpawningProcess: false),
        error: .fileDescriptor(stderr.descriptor, closeAfterSpawningProcess: false))
      guard case .exited(let status) = result.terminationStatus else { return nil }
      return (Int(status), try stdout.contents())
    } catch {
      return nil
    }
  }
}

/// A file in memory alone, for what a program is given and what it prints.
package final class MemoryFile {
  package let descriptor: FileDescriptor
  private static let name = "memory file"

  package init(_ bytes: [UInt8] = []) throws {
    let file = Int32(try Files.check("make", Self.name) { Int(memfd_create("qtctl", UInt32(MFD_CLOEXEC))) })
    descriptor = FileDescriptor(rawValue: file)
    try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: Self.name) }
    // Whoever gets it reads from the beginning.
    try Files.check("seek in", Self.name) { lseek(file, 0, SEEK_SET) }
  }

  deinit { close(descriptor.rawValue) }

  /// All that is in it.
  package func contents() throws -> [UInt8] {
    let file = descriptor.rawValue
    let size = try Files.check("seek in", Self.name) { lseek(file, 0, SEEK_END) }
    var bytes = [UInt8](repeating: 0, count: size)
    let count = try Files.check("read", Self.name) { pread(file, &bytes, size, 0) }
    return Array(bytes.prefix(count))
  }
}
