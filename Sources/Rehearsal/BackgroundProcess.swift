internal import Glibc
internal import Subprocess
internal import SystemPackage

/// A command that runs in a machine.
public final class BackgroundProcess: Sendable {
  /// The command line, for messages.
  public let command: String
  private let group: Group
  private let task: Task<Machine.Output, any Error>

  init(
    _ configuration: Subprocess.Configuration, name: String, input: Machine.Input, group: Group,
    keeping namespaces: Namespaces
  ) {
    command = name
    self.group = group
    task = Task {
      defer { group.remove() }
      let output = try await Self.collect(configuration, input: input, name: name)
      return withExtendedLifetime(namespaces) { output }
    }
  }

  /// Waits for its end. At the deadline, and when the task is cancelled, it is killed with all that it started; the
  /// former throws `MachineError.deadlineExceeded`.
  public func output(within limit: Duration = .seconds(60)) async throws -> Machine.Output {
    let (task, group) = (task, group)
    let alarm = Task {
      try await Task.sleep(for: limit)
      group.kill()
      return true
    }
    return try await withTaskCancellationHandler {
      let result = await task.result
      alarm.cancel()
      let isLate = (try? await alarm.value) ?? false
      try Task.checkCancellation()
      if isLate { throw MachineError.deadlineExceeded(command: command, limit) }
      return try result.get()
    } onCancel: {
      group.kill()
    }
  }

  /// Kills it and all that it started.
  public func kill() {
    group.kill()
  }

  /// Asks it to end by SIGTERM, which what it started does not get.
  public func terminate() async throws {
    try await signal(SIGTERM)
  }

  /// Sends it a signal, which what it started does not get.
  public func signal(_ number: Int32) async throws {
    _ = Glibc.kill(try await process().host, number)
  }

  /// Its process number in the machine.
  public var pid: Int32 {
    get async throws { try await process().inside }
  }

  /// Its process: the one of its group whose parent is not in it but for nsenter, which has no number in the machine.
  private func process() async throws -> (host: Int32, inside: Int32) {
    let deadline = ContinuousClock.now + .seconds(5)
    repeat {
      for candidate in group.processes {
        let status = (try? Machine.hostFile("/proc/\(candidate)/status")) ?? ""
        let numbers = Self.field("NSpid", of: status)
        let entered = Self.field("NSpid", of: (try? Machine.hostFile("/proc/self/status")) ?? "").count
        if numbers.count > entered, let inside = numbers.last { return (candidate, inside) }
      }
      // The kernel reports no event when a process enters a namespace; it takes about a millisecond.
      try await Task.sleep(for: .milliseconds(1))
    } while ContinuousClock.now < deadline && !group.processes.isEmpty
    throw MachineError.notRunning
  }

  private static func field(_ name: String, of status: String) -> [Int32] {
    let line = status.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { Int32($0) } ?? []
  }

  private static func collect(
    _ configuration: Subprocess.Configuration, input: Machine.Input, name: String
  ) async throws -> Machine.Output {
    let start = ContinuousClock.now
    let limit = Machine.outputLimit
    let (status, output, error): (TerminationStatus, [UInt8], [UInt8])
    do {
      switch input {
      case .bytes(let bytes):
        let result = try await Subprocess.run(
          configuration, input: .array(bytes), output: .bytes(limit: limit), error: .bytes(limit: limit))
        (status, output, error) = (result.terminationStatus, result.standardOutput, result.standardError)
      case .descriptor(let owned):
        let descriptor = FileDescriptor(rawValue: owned.rawValue)
        let result = try await Subprocess.run(
          configuration, input: .fileDescriptor(descriptor, closeAfterSpawningProcess: false),
          output: .bytes(limit: limit), error: .bytes(limit: limit))
        (status, output, error) = (result.terminationStatus, result.standardOutput, result.standardError)
        owned.close()
      }
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw MachineError.outputTooLong(command: name, limit: limit)
    }
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    return switch status {
    case .exited(let code):
      .init(status: .exited(code), standardOutput: output, standardError: error, seconds: seconds)
    case .signaled(let signal):
      .init(status: .signaled(signal), standardOutput: output, standardError: error, seconds: seconds)
    }
  }
}
