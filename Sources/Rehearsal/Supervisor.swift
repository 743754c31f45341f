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
    case prepared(cgroup: String)
    case down(status: String)
    /// It is gone; nothing more follows.
    case ended
  }

  let pid: Int32
  let events: OwnedDescriptor
  private let lifeline: OwnedDescriptor
  private let partial = Mutex<[UInt8]>([])
  private let end: Task<String, Never>

  init(_ configuration: Machine.Configuration, fileSystems: [String]) async throws {
    let (lifeline, commands) = try OwnedDescriptor.socketPair()
    let events = try OwnedDescriptor.pipe()
    self.lifeline = lifeline
    self.events = events.readEnd
    let command = Self.command(configuration, fileSystems: fileSystems)
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
      guard let pid = try await started.first(where: { _ in true }) else { throw CancellationError() }
      self.pid = pid
    } catch {
      lifeline.close()
      let reason = await end.value
      throw error is CancellationError ? error : MachineError.system(call: "spawn", subject: "unshare", reason: reason)
    }
  }

  /// The folder that only the machine's mount namespace sees, by a path that leads into it.
  var folder: String { "/proc/\(pid)/root/run/qtctl-rehearsal" }

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
    case "prepared": .prepared(cgroup: String(object))
    case "down": .down(status: String(object))
    default: nil
    }
  }
}

extension Supervisor {
  /// How the supervisor is started: in a mount namespace and a session of its own, so that a Ctrl-C at the owner's
  /// terminal reaches the owner alone.
  static func command(_ configuration: Machine.Configuration, fileSystems: [String]) -> Subprocess.Configuration {
    var options = PlatformOptions()
    options.createSession = true
    let words = fileSystems.map { "mount:\($0)" } + configuration.shown.map { "show:\($0)" }
    return Subprocess.Configuration(
      executable: .path("/usr/bin/unshare"),
      arguments: Arguments(
        ["--mount", "--propagation", "private", "/bin/sh", "-c", text(PackageResources.supervise_sh), "supervise"]
          + words),
      environment: .custom([
        "PATH": Machine.path,
        "REHEARSAL_NAME": configuration.name,
        "REHEARSAL_MEMORY": "\(configuration.memory)",
        "REHEARSAL_UNITS": configuration.units.joined(separator: " "),
        "REHEARSAL_NETWORK": configuration.network.rawValue,
        "REHEARSAL_PREPARE": text(PackageResources.prepare_root_sh),
      ]),
      platformOptions: options)
  }

  private static func text(_ resource: [UInt8]) -> String {
    String(decoding: resource, as: UTF8.self)
  }
}
