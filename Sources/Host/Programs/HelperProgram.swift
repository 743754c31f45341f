internal import Subprocess
internal import SystemPackage

/// A program of the system that shows or tells something nice to have, run in the middle of a transaction: whatever
/// goes wrong with it is no more than its absence.
///
/// It gets descriptors of ours. Those that Subprocess opens by itself end the process where one of several cannot be
/// opened, as with too many open files.
enum HelperProgram {
  /// - Parameters:
  ///   - command: the program and its arguments.
  ///   - limit: after so long it is killed, by timeout(1), whatever becomes of this process.
  /// - Returns: its exit status and what it printed; `nil` where it could not be run, or was ended by a signal.
  static func run(
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
