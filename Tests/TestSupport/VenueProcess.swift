internal import Glibc
internal import SystemPackage

/// The venue double as a process of its own.
package final class VenueProcess {
  /// Where it answers.
  package let socket: String
  private let ledgerPath: String
  private let process: ChildProcess

  /// Starts it in a folder and waits until it answers.
  ///
  /// - Parameters:
  ///   - arguments: See `quantum-venue --help`.
  package init(in folder: String, _ arguments: [String] = []) throws {
    socket = folder + "/venue.sock"
    ledgerPath = folder + "/ledger"
    process = try ChildProcess(
      BuiltProgram.path(of: "quantum-venue"), ["--socket", socket, "--ledger", ledgerPath] + arguments,
      output: folder + "/venue.log")
    let deadline = ContinuousClock.now + .seconds(10)
    while access(socket, F_OK) != 0 {
      guard process.poll() == nil, ContinuousClock.now < deadline else {
        throw ChildProcess.Failure(description: "the venue does not answer; see \(folder)/venue.log")
      }
      usleep(2000)
    }
  }

  /// The orders that it has made, the oldest first.
  package func ledger() throws -> [LedgerLine] {
    let file = try FileDescriptor.open(FilePath(ledgerPath), .readOnly, options: .closeOnExec)
    let bytes = try file.closeAfter {
      var bytes = [UInt8](repeating: 0, count: try Int(file.seek(offset: 0, from: FileDescriptor.SeekOrigin.end)))
      let count = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
      return bytes.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { LedgerLine($0) }
  }

  /// Stops the process in its tracks, or lets it go on.
  package func pause(_ isPaused: Bool) {
    process.signal(isPaused ? SIGSTOP : SIGCONT)
  }
}
