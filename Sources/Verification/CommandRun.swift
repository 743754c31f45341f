internal import Basics
internal import Deployment
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// How a program ended, and the end of what it printed.
struct CommandView: Sendable, Equatable {
  enum End: Sendable, Equatable {
    case exited(Int)
    case signaled(Int)
    /// It was still running at its deadline.
    case late
  }

  var end: End
  /// The last lines of standard output and standard error together.
  var tail: String

  var exit: Int? { if case .exited(let code) = end { code } else { nil } }
  var signal: Int? { if case .signaled(let signal) = end { signal } else { nil } }
}

/// Runs a program of the manifest, without a shell, in a session of its own, and kills it with all that it started at its
/// deadline.
enum CommandRun {
  static func look(at command: Manifest.Command) async -> Result<CommandView, ProbeError> {
    guard let program = command.run.first else { return .failure(ProbeError("the manifest names no program")) }
    let tail = Tail()
    let work = Task { await run(program, Array(command.run.dropFirst()), tail) }
    // What a program leaves behind may hold its output open for ever; the deadline does not wait for that.
    let outcome = await TimeLimit.value(within: command.within) { await work.value }
    guard let outcome else {
      work.cancel()
      return .success(CommandView(end: .late, tail: tail.text))
    }
    return outcome.map { CommandView(end: $0, tail: tail.text) }
  }

  private static func run(
    _ program: String, _ arguments: [String], _ tail: Tail
  ) async -> Result<CommandView.End, ProbeError> {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    do {
      let result = try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments), platformOptions: options, input: .none,
        output: .sequence, error: .combinedWithOutput
      ) { execution in
        for try await chunk in execution.standardOutput {
          chunk.withUnsafeBytes { tail.append($0) }
        }
      }
      switch result.terminationStatus {
      case .exited(let code): return .success(.exited(Int(code)))
      case .signaled(let signal): return .success(.signaled(Int(signal)))
      }
    } catch {
      return .failure(ProbeError("\(error)"))
    }
  }

  /// Keeps the end of a program's output.
  private final class Tail: Sendable {
    private static let most = 2000
    private let bytes = Mutex<[UInt8]>([])

    func append(_ chunk: UnsafeRawBufferPointer) {
      bytes.withLock { bytes in
        bytes += chunk.suffix(Self.most)
        bytes.removeFirst(max(0, bytes.count - Self.most))
      }
    }

    var text: String {
      let lines = bytes.withLock { String(decoding: $0, as: UTF8.self) }.split(whereSeparator: \.isNewline)
      return lines.suffix(10).joined(separator: "\n")
    }
  }
}
