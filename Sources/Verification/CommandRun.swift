internal import Basics
internal import Deployment
internal import Glibc
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

/// Runs a program without a shell, in a session of its own, and kills what is left of its process group at its end or its
/// deadline. Of its output only so much is kept.
enum CommandRun {
  static func look(at command: Manifest.Command, within limit: Duration) async -> Result<CommandView, ProbeError> {
    guard let program = command.run.first else { return .failure(ProbeError("the manifest names no program")) }
    return await run(program, Array(command.run.dropFirst()), within: limit).map { end, output in
      CommandView(end: end, tail: output.tail)
    }
  }

  /// - Returns: how it ended, and what it printed.
  static func run(
    _ program: String, _ arguments: [String], environment: Environment = .inherit, within limit: Duration
  ) async -> Result<(end: CommandView.End, output: CommandOutput), ProbeError> {
    let output = CommandOutput()
    let group = Mutex<pid_t?>(nil)
    let work = Task { await spawn(program, arguments, environment, output) { pid in group.withLock { $0 = pid } } }
    // What a program leaves behind may hold its output open; the deadline does not wait for that.
    let end = await TimeLimit.value(within: limit) { await work.value }
    if end == nil { work.cancel() }
    if let pid = group.withLock({ $0 }) { kill(-pid, SIGKILL) }
    return (end ?? .success(.late)).map { ($0, output) }
  }

  private static func spawn(
    _ program: String, _ arguments: [String], _ environment: Environment, _ output: CommandOutput,
    started: @escaping @Sendable (pid_t) -> Void
  ) async -> Result<CommandView.End, ProbeError> {
    var options = PlatformOptions()
    options.createSession = true
    options.teardownSequence = [.send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)]
    do {
      let result = try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments), environment: environment, platformOptions: options,
        input: .none, output: .sequence, error: .combinedWithOutput
      ) { execution in
        started(execution.processIdentifier.value)
        for try await chunk in execution.standardOutput {
          chunk.withUnsafeBytes { output.append($0) }
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
}

/// The beginning and the end of a program's output; what lies between them is not kept.
final class CommandOutput: Sendable {
  private static let mostHead = 1 << 20
  private static let mostTail = 2000
  private let bytes = Mutex<(head: [UInt8], tail: [UInt8])>(([], []))

  func append(_ chunk: UnsafeRawBufferPointer) {
    bytes.withLock { bytes in
      bytes.head += chunk.prefix(Self.mostHead - bytes.head.count)
      bytes.tail += chunk.suffix(Self.mostTail)
      bytes.tail.removeFirst(max(0, bytes.tail.count - Self.mostTail))
    }
  }

  /// At most 1 MiB.
  var head: String { bytes.withLock { String(decoding: $0.head, as: UTF8.self) } }

  /// The last ten lines, at most 2,000 bytes.
  var tail: String {
    let lines = bytes.withLock { String(decoding: $0.tail, as: UTF8.self) }.split(whereSeparator: \.isNewline)
    return lines.suffix(10).joined(separator: "\n")
  }
}
