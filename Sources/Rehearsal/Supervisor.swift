internal import Glibc
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// The process that holds a machine (Scripts/supervise.sh), seen from its owner.
///
/// It ends, and takes the machine with it, when the lifeline's write end is closed: by `release`, by `deinit`, or by the
/// kernel when this process is gone.
final class Supervisor: Sendable {
  /// What it reports on its standard output.
  enum Event: Equatable {
    case prepared(pid: Int32, cgroup: String)
    case down(status: String)
    /// It is gone; nothing more follows.
    case ended
  }

  let events: OwnedDescriptor
  private let lifeline: OwnedDescriptor
  private let partial = Mutex<[UInt8]>([])
  private let end: Task<String, Never>

  init(_ configuration: Machine.Configuration, fileSystems: [String]) async throws {
    let (lifeline, commands) = try OwnedDescriptor.socketPair()
    let events = try OwnedDescriptor.pipe()
    self.lifeline = lifeline
    self.events = events.readEnd
    let command = SupervisorCommand(configuration: configuration, fileSystems: fileSystems).subprocess
    let (started, starting) = AsyncThrowingStream.makeStream(of: Int32.self)
    end = Task { [input = commands, output = events.writeEnd] in
      do {
        let result = try await Subprocess.run(
          command, input: .fileDescriptor(FileDescriptor(rawValue: input.rawValue), closeAfterSpawningProcess: false),
          output: .fileDescriptor(FileDescriptor(rawValue: output.rawValue), closeAfterSpawningProcess: false),
          error: .string(limit: 1 << 20)
        ) { execution in
          input.close()
          output.close()
          starting.yield(execution.processIdentifier.value)
          starting.finish()
        }
        return result.standardError
      } catch {
        starting.finish(throwing: error)
        return "\(error)"
      }
    }
    do {
      // Ends without a number when the task is cancelled.
      guard try await started.first(where: { _ in true }) != nil else { throw CancellationError() }
    } catch {
      lifeline.close()
      let reason = await end.value
      throw error is CancellationError ? error : MachineError.system(call: "spawn", subject: "unshare", reason: reason)
    }
  }

  /// Its error output, once it has ended.
  var errorOutput: String {
    get async { await end.value }
  }

  /// Sends a command, a single word.
  func send(_ word: String) throws(MachineError) {
    let line = Array("\(word)\n".utf8)
    // A few bytes always fit; the supervisor being gone must not raise SIGPIPE here.
    let sent = lifeline.use { Glibc.send($0.rawValue, line, line.count, CInt(MSG_NOSIGNAL)) }
    guard sent == line.count else { throw .notRunning }
  }

  /// Lets the supervisor, and so the machine, end. Can be called at any time.
  func release() {
    lifeline.close()
  }

  /// Waits until the supervisor has ended and all of the machine is gone. `release` comes first.
  func ended() async {
    _ = await end.value
  }

  /// The events that can be read without waiting. Their end is `.ended`.
  func read() -> [Event] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = events.use { descriptor in
      buffer.withUnsafeMutableBytes { bytes in (try? descriptor.read(into: bytes)) ?? 0 }
    }
    guard let count, count > 0 else { return [.ended] }
    return partial.withLock { partial in
      partial += buffer.prefix(count)
      guard let last = partial.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
      let text = String(decoding: partial[..<last], as: UTF8.self)
      partial.removeSubrange(...last)
      return text.split(separator: "\n").compactMap(Self.event)
    }
  }

  static func event(_ line: Substring) -> Event? {
    let words = line.split(separator: " ", maxSplits: 1)
    guard let verb = words.first, let object = words.dropFirst().first else { return nil }
    return switch verb {
    case "prepared": prepared(object)
    case "down": .down(status: String(object))
    default: nil
    }
  }

  private static func prepared(_ object: Substring) -> Event? {
    let words = object.split(separator: " ", maxSplits: 1)
    guard let pid = words.first.flatMap({ Int32($0) }), let cgroup = words.dropFirst().first else { return nil }
    return .prepared(pid: pid, cgroup: String(cgroup))
  }
}
