internal import Glibc
internal import Subprocess
internal import SystemPackage

extension Machine {
  /// The most bytes of one output that are kept.
  static let outputLimit = 64 << 20

  /// Runs a command in the machine, as root, and returns its output. A status other than 0 is a result, not an error.
  ///
  /// The environment is clean (`PATH`, `HOME`, `LANG`, `TERM`) but for `environment`; a program without a slash is looked
  /// up in the machine's `PATH`; the working directory is `/` unless given.
  ///
  /// At the deadline, and when the task is cancelled, the command and everything that it started are killed; the former
  /// throws `MachineError.deadlineExceeded`. A child that keeps an output open counts as the command still running.
  package func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], workingDirectory: String? = nil,
    within limit: Duration = .seconds(60)
  ) async throws -> Output {
    try await spawn(arguments, input: input, environment: environment, workingDirectory: workingDirectory)
      .output(within: limit)
  }

  /// Runs a command that reads `input`.
  package func run(
    _ arguments: [String], input: String, environment: [String: String] = [:], workingDirectory: String? = nil,
    within limit: Duration = .seconds(60)
  ) async throws -> Output {
    try await run(
      arguments, input: Array(input.utf8), environment: environment, workingDirectory: workingDirectory, within: limit)
  }

  /// Starts a command in the machine and returns when it is there. It ends by itself, by its handle, or with the machine,
  /// and not when the handle goes.
  package func spawn(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], workingDirectory: String? = nil
  ) async throws -> BackgroundProcess {
    let file = try input.isEmpty ? OwnedDescriptor.open("/dev/null") : OwnedDescriptor.spool(input)
    return try await spawn(arguments, input: file, environment: environment, workingDirectory: workingDirectory)
  }

  func spawn(
    _ arguments: [String], input: OwnedDescriptor, environment: [String: String] = [:], workingDirectory: String? = nil
  ) async throws -> BackgroundProcess {
    let (entrance, group, namespaces) = try entrance(arguments, environment, workingDirectory)
    var command = entrance
    command.platformOptions.createSession = true
    return try await BackgroundProcess.start(
      command, name: arguments.joined(separator: " "), input: input, group: group, keeping: namespaces)
  }

  /// How a command gets into the machine: through its cgroup and its namespaces.
  private func entrance(
    _ arguments: [String], _ environment: [String: String], _ workingDirectory: String?
  ) throws -> (Subprocess.Configuration, CommandGroup, Namespaces) {
    let group = try CommandGroup(path: nextGroupPath())
    guard let current, group.parentIsPopulated else {
      group.remove()
      throw MachineError.notRunning
    }
    var values: [Environment.Key: String] = [
      "PATH": Self.path, "HOME": "/root", "LANG": "C.UTF-8", "TERM": "dumb", "USER": "root", "LOGNAME": "root",
    ]
    for (name, value) in environment {
      guard let key = Environment.Key(rawValue: name) else { continue }
      values[key] = value
    }
    let entry = [
      "-c", #"echo 0 >"$1/cgroup.procs" && shift && exec nsenter "$@""#, "enter", group.path,
    ]
    let options = current.namespaces.options(owner: getpid()) + ["--wdns=\(workingDirectory ?? "/")", "--"]
    let command = Subprocess.Configuration(
      executable: .path("/bin/sh"), arguments: Arguments(entry + options + arguments), environment: .custom(values))
    return (command, group, current.namespaces)
  }

  /// Runs a shell in the machine at this process's own terminal, and returns when it ends.
  ///
  /// - Parameter terminal: the terminal's type (`TERM`).
  package func shell(terminal: String) async throws {
    let prompt = #"PS1='[rehearsal] \w # '; export PS1; exec /bin/bash --norc -i"#
    let (command, group, namespaces) = try entrance(["/bin/sh", "-c", prompt], ["TERM": terminal], "/root")
    defer { group.remove() }
    _ = try await Subprocess.run(
      command, input: .fileDescriptor(.standardInput, closeAfterSpawningProcess: false),
      output: .fileDescriptor(.standardOutput, closeAfterSpawningProcess: false),
      error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false))
    withExtendedLifetime(namespaces) {}
  }
}

extension Machine {
  /// The output of a command in the machine.
  package struct Output: Sendable, Equatable {
    /// How the command ended.
    package enum Status: Sendable, Equatable {
      /// By itself, with this status: 127 where the program was not found, 126 where it could not be executed.
      case exited(Int32)
      /// By this signal.
      case signaled(Int32)
    }

    /// How it ended.
    package let status: Status
    /// What it wrote to standard output.
    package let standardOutput: [UInt8]
    /// What it wrote to standard error.
    package let standardError: [UInt8]
    /// From start to end, in seconds.
    package let seconds: Double

    /// Standard output as text, broken UTF-8 repaired.
    package var stdout: String { String(decoding: standardOutput, as: UTF8.self) }
    /// Standard error as text, broken UTF-8 repaired.
    package var stderr: String { String(decoding: standardError, as: UTF8.self) }
    /// Whether it ended by itself with status 0.
    package var succeeded: Bool { status == .exited(0) }
  }
}

extension Machine.Output.Status: CustomStringConvertible {
  package var description: String {
    switch self {
    case .exited(let status): "status \(status)"
    case .signaled(let signal): "signal \(signal)"
    }
  }
}
