internal import Subprocess
internal import SystemPackage

extension Machine {
  /// Writes a file in the machine, replacing what lies there and making the folders that lead to it.
  ///
  /// - Parameter mode: the permission bits, `0o644` unless given.
  package func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) async throws {
    try await install(.spool(bytes), to: path, mode: mode)
  }

  /// Writes a text file in the machine.
  package func write(_ text: String, to path: String, mode: UInt32 = 0o644) async throws {
    try await write(Array(text.utf8), to: path, mode: mode)
  }

  /// The bytes of a file in the machine.
  package func read(_ path: String) async throws -> [UInt8] {
    try await accomplish(["cat", "--", path]).standardOutput
  }

  /// Copies a file or a folder of the host into the machine, with what the folder holds as it is.
  ///
  /// - Parameter mode: the permission bits of a file, those of the source unless given; its owner is root.
  package func copyIn(_ source: String, to target: String, mode: UInt32? = nil) async throws {
    let descriptor = try OwnedDescriptor.open(source)
    let found: Stat
    do {
      found = try FileDescriptor(rawValue: descriptor.rawValue).stat()
    } catch {
      throw MachineError.system(call: "stat", subject: source, reason: "\(error)")
    }
    if found.type == .directory {
      try await copyFolder(source, to: target)
    } else {
      try await install(descriptor, to: target, mode: mode ?? found.permissions.rawValue)
    }
  }

  /// Runs a command and throws unless its status is 0.
  @discardableResult
  package func accomplish(
    _ arguments: [String], input: String = "", environment: [String: String] = [:], workingDirectory: String? = nil,
    within limit: Duration = .seconds(60)
  ) async throws -> Output {
    let output = try await run(
      arguments, input: input, environment: environment, workingDirectory: workingDirectory, within: limit)
    return try Self.check(output, of: arguments)
  }

  /// Through an archive, which knows of links, modes and owners.
  private func copyFolder(_ source: String, to target: String) async throws {
    let (readEnd, writeEnd) = try OwnedDescriptor.pipe()
    try await accomplish(["mkdir", "-p", "--", target])
    let unpack = ["tar", "--extract", "--preserve-permissions", "--directory", target]
    let unpacking = try await spawn(unpack, input: readEnd)
    let packing = try await Subprocess.run(
      .path("/usr/bin/tar"), arguments: ["--create", "--directory", source, "."],
      output: .fileDescriptor(FileDescriptor(rawValue: writeEnd.rawValue), closeAfterSpawningProcess: false),
      error: .string(limit: 1 << 20))
    writeEnd.close()
    try Self.check(try await unpacking.output(), of: unpack)
    guard packing.terminationStatus.isSuccess else {
      throw MachineError.commandFailed(command: "tar --create", detail: packing.standardError)
    }
  }

  private func install(_ content: OwnedDescriptor, to target: String, mode: UInt32) async throws {
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
