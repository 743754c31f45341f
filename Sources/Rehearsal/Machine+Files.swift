internal import Subprocess
internal import SystemPackage

extension Machine {
  /// Writes a file in the machine, replacing what lies there and making the folders that lead to it.
  ///
  /// - Parameter mode: the permission bits, `0o644` unless given.
  public func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) async throws {
    try await install(.bytes(bytes), to: path, mode: mode)
  }

  /// Writes a text file in the machine.
  public func write(_ text: String, to path: String, mode: UInt32 = 0o644) async throws {
    try await write(Array(text.utf8), to: path, mode: mode)
  }

  /// The bytes of a file in the machine.
  public func read(_ path: String) async throws -> [UInt8] {
    try await accomplish(["cat", "--", path]).standardOutput
  }

  /// Copies a file of the host into the machine.
  ///
  /// - Parameter mode: the permission bits, those of the source unless given. The owner is root.
  public func copyIn(_ source: String, to target: String, mode: UInt32? = nil) async throws {
    let descriptor = try open(source)
    let found: UInt32
    do {
      found = try FileDescriptor(rawValue: descriptor.rawValue).stat().permissions.rawValue
    } catch {
      throw MachineError.system(call: "stat", subject: source, reason: "\(error)")
    }
    try await install(.descriptor(descriptor), to: target, mode: mode ?? found)
  }

  /// Runs a command and throws unless its status is 0.
  @discardableResult
  public func accomplish(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], workingDirectory: String? = nil,
    within limit: Duration = .seconds(60)
  ) async throws -> Output {
    let output = try await run(
      arguments, input: input, environment: environment, workingDirectory: workingDirectory, within: limit)
    return try Self.check(output, of: arguments)
  }

  private func open(_ source: String) throws(MachineError) -> OwnedDescriptor {
    do {
      return OwnedDescriptor(try FileDescriptor.open(source, .readOnly, options: .closeOnExec))
    } catch {
      throw .system(call: "open", subject: source, reason: "\(error)")
    }
  }

  private func install(_ content: Input, to target: String, mode: UInt32) async throws {
    let bits = String(mode, radix: 8)
    let arguments = ["install", "-D", "--mode", bits, "--no-target-directory", "/dev/stdin", target]
    try Self.check(try await spawn(arguments, input: content).output(), of: arguments)
  }

  @discardableResult
  private static func check(_ output: Output, of arguments: [String]) throws(MachineError) -> Output {
    guard output.succeeded else {
      let detail = "\(output.status): \(lastLines(output.stderr.isEmpty ? output.stdout : output.stderr))"
      throw .commandFailed(command: arguments.joined(separator: " "), detail: detail)
    }
    return output
  }
}
