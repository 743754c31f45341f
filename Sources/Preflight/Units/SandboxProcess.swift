internal import CLinux
internal import FileOperations
internal import Glibc

/// A process whose view of the files is asked for, from within its namespaces and with its rights.
struct SandboxProcess {
  let pid: Int32

  /// What of the questions it is denied; `nil` where it cannot be asked.
  func denied(_ questions: [SandboxQuestion], within limit: Duration) throws -> Set<SandboxQuestion>? {
    guard let rights = ProcessRights(status: String(decoding: try Files.read("/proc/\(pid)/status"), as: UTF8.self)),
      let mounts = namespace("mnt"), let users = namespace("user")
    else { return nil }
    defer {
      close(mounts.file)
      close(users.file)
    }
    var ends: [Int32] = [0, 0]
    try Files.check("make", "pipe") { Int(pipe(&ends)) }
    let (readEnd, writeEnd) = (ends[0], ends[1])  // trap: an array of two
    defer { close(readEnd) }
    let child = rights.withStructure { structure in
      withStrings(questions.map(\.path)) { paths in
        qtctl_ask(
          mounts.file, users.isOwn ? -1 : users.file, structure, paths,
          questions.map { $0.kind == .read ? R_OK : X_OK },
          questions.count, writeEnd)
      }
    }
    close(writeEnd)
    guard let child, child > 0 else { return nil }
    let answers = answers(readEnd, count: questions.count, until: .now + limit)
    kill(child, SIGKILL)
    waitpid(child, nil, 0)
    guard answers.count == questions.count else { return nil }
    return Set(zip(questions, answers).filter { $0.1 != UInt8(ascii: "y") }.map(\.0))
  }

  private func namespace(_ kind: String) -> (file: Int32, isOwn: Bool)? {
    let file = open("/proc/\(pid)/ns/\(kind)", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    var (its, own) = (stat(), stat())
    guard fstat(file, &its) == 0, stat("/proc/self/ns/\(kind)", &own) == 0 else {
      close(file)
      return nil
    }
    return (file, its.st_ino == own.st_ino && its.st_dev == own.st_dev)
  }

  private func answers(_ file: Int32, count: Int, until deadline: ContinuousClock.Instant) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while bytes.count < count {
      var watched = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
      let left = max(.zero, deadline - .now) / .milliseconds(1)
      let ready = poll(&watched, 1, Int32(min(left, 60_000)))
      if ready < 0 && errno == EINTR { continue }
      guard ready > 0, case let read = Glibc.read(file, &buffer, buffer.count), read > 0 else { break }
      bytes += buffer.prefix(read)
    }
    return bytes
  }

  private func withStrings<Value>(
    _ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
  ) -> Value? {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    // One more, so that an empty list has an address too.
    return withUnsafeTemporaryAllocation(of: UnsafePointer<CChar>?.self, capacity: copies.count + 1) { list in
      for (place, copy) in copies.enumerated() { list[place] = UnsafePointer(copy) }
      list[copies.count] = nil
      return list.baseAddress.map { body($0) }
    }
  }
}

/// Whose rights a process has, by its `/proc/PID/status`.
struct ProcessRights {
  private let user: UInt32
  private let group: UInt32
  private let groups: [UInt32]
  private let capabilities: UInt64

  init?(status: String) {
    func words(_ key: String) -> [Substring]? {
      status.split(separator: "\n").first { $0.hasPrefix(key + ":") }
        .map { $0.dropFirst(key.utf8.count + 1).split { $0 == "\t" || $0 == " " } }
    }
    // Real, effective, saved and of the file system.
    guard let user = words("Uid")?.dropFirst().first.flatMap({ UInt32($0) }),
      let group = words("Gid")?.dropFirst().first.flatMap({ UInt32($0) }),
      let capabilities = words("CapEff")?.first.flatMap({ UInt64($0, radix: 16) })
    else { return nil }
    self.user = user
    self.group = group
    self.capabilities = capabilities
    groups = (words("Groups") ?? []).compactMap { UInt32($0) }
  }

  func withStructure<Value>(_ body: (UnsafePointer<qtctl_rights>) -> Value) -> Value {
    groups.withUnsafeBufferPointer { buffer in
      var structure = qtctl_rights(
        user: user, group: group, groups: buffer.baseAddress, group_count: buffer.count, capabilities: capabilities)
      return body(&structure)
    }
  }
}
