internal import Glibc
internal import Subprocess
internal import Synchronization
internal import SystemPackage

/// A command that runs in a machine.
package final class BackgroundProcess: Sendable {
  /// The command line, for messages.
  package let command: String
  private let group: CommandGroup
  private let task: Task<Machine.Output, any Error>
  private let own: (host: Int32, inside: Int32)?

  private init(command: String, group: CommandGroup, task: Task<Machine.Output, any Error>, own: (Int32, Int32)?) {
    self.command = command
    self.group = group
    self.task = task
    self.own = own
  }

  /// Returns when the command runs in the machine, or has ended already; from then on it can be signalled.
  static func start(
    _ configuration: Subprocess.Configuration, name: String, input: OwnedDescriptor, group: CommandGroup,
    keeping namespaces: Namespaces
  ) async throws -> BackgroundProcess {
    let ended = Flag()
    let task = Task {
      defer {
        ended.raise()
        group.remove()
      }
      let output = try await collect(configuration, input: input, name: name)
      return withExtendedLifetime(namespaces) { output }
    }
    var own: (Int32, Int32)?
    while own == nil, !ended.isRaised {
      if Task.isCancelled { group.kill() }
      // The kernel reports no event when a process enters a namespace; it takes about a millisecond. The sleep throws
      // when the task is cancelled, and then the end is awaited all the same.
      try? await Task.sleep(for: .milliseconds(1))
      await Task.yield()
      own = group.entered
    }
    return BackgroundProcess(command: name, group: group, task: task, own: own)
  }

  /// Waits for its end. At the deadline, and when the task is cancelled, it is killed with all that it started; the
  /// former throws `MachineError.deadlineExceeded`.
  package func output(within limit: Duration = .seconds(60)) async throws -> Machine.Output {
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

  /// Kills it and everything that it started. Does nothing once it has ended.
  package func kill() {
    group.kill()
  }

  /// Asks it to end by SIGTERM, which what it started does not get.
  package func terminate() {
    signal(SIGTERM)
  }

  /// Sends it a signal, which what it started does not get. Does nothing once it has ended.
  package func signal(_ number: Int32) {
    if let own, group.processes.contains(own.host) { _ = Glibc.kill(own.host, number) }
  }

  /// Its process number in the machine; nil if it had ended before that could be seen.
  package var pid: Int32? { own?.inside }

  private static func collect(
    _ configuration: Subprocess.Configuration, input: OwnedDescriptor, name: String
  ) async throws -> Machine.Output {
    let start = ContinuousClock.now
    let limit = Machine.outputLimit
    do {
      let result = try await Subprocess.run(
        configuration,
        input: .fileDescriptor(FileDescriptor(rawValue: input.rawValue), closeAfterSpawningProcess: false),
        output: .bytes(limit: limit), error: .bytes(limit: limit))
      input.close()
      let status: Machine.Output.Status =
        switch result.terminationStatus {
        case .exited(let code): .exited(code)
        case .signaled(let signal): .signaled(signal)
        }
      return Machine.Output(
        status: status, standardOutput: result.standardOutput, standardError: result.standardError,
        seconds: (ContinuousClock.now - start) / .seconds(1))
    } catch let error as SubprocessError where error.code == .outputLimitExceeded {
      throw MachineError.outputTooLong(command: name, limit: limit)
    }
  }
}

/// A flag that is raised once and never lowered.
final class Flag: Sendable {
  private let raised = Atomic(false)

  var isRaised: Bool { raised.load(ordering: .acquiring) }

  func raise() {
    raised.store(true, ordering: .releasing)
  }
}
