internal import Glibc
internal import SystemPackage

/// The cgroup of one command: whatever the command starts is in it, and can be killed at once.
struct CommandGroup: Sendable {
  let path: String

  /// Makes the group. That its parent is missing means that the machine is not running.
  init(path: String) throws(MachineError) {
    self.path = path
    guard mkdir(path, 0o755) == 0 else {
      let reason = Errno(rawValue: errno)
      if reason == .noSuchFileOrDirectory { throw .notRunning }
      throw .system(call: "mkdir", subject: path, reason: "\(reason)")
    }
  }

  /// The group that was made under this path; it may be gone.
  init(existing path: String) {
    self.path = path
  }

  /// Whether anything runs in the machine that this group is part of.
  var parentIsPopulated: Bool {
    let events = try? Machine.hostFile("\(path)/../cgroup.events")
    return events?.contains("populated 1") ?? false
  }

  /// The processes in it, by the numbers that the host knows them by.
  var processes: [Int32] {
    let text = (try? Machine.hostFile("\(path)/cgroup.procs")) ?? ""
    return text.split(separator: "\n").compactMap { Int32($0) }
  }

  /// The command's own process, by its number on the host and its number in the machine: the child of the nsenter that
  /// brought it there, which is of the host. Nil before it is there and after it has ended.
  var entered: (host: Int32, inside: Int32)? {
    let depth = ProcessStatus(of: getpid())?.numbers.count ?? 1
    let members = processes.compactMap(ProcessStatus.init)
    guard let entrance = members.first(where: { $0.numbers.count == depth }),
      let own = members.first(where: { $0.numbers.count > depth && $0.parent == entrance.number }),
      let inside = own.numbers.last
    else { return nil }
    return (own.number, inside)
  }

  /// Kills everything in it.
  func kill() {
    // It may be gone already, and then so is all that was in it.
    guard let descriptor = try? FileDescriptor.open("\(path)/cgroup.kill", .writeOnly, options: .closeOnExec) else {
      return
    }
    _ = try? descriptor.closeAfter { try descriptor.writeAll("1".utf8) }
  }

  /// Removes it if nothing is left in it. A daemon that a command left behind keeps it; it ends with the machine.
  func remove() {
    rmdir(path)
  }
}

/// What `/proc/PID/status` says of a process, as proc(5) describes it.
struct ProcessStatus {
  /// Its number as this process sees it.
  let number: Int32
  /// Its parent's number.
  let parent: Int32
  /// Its numbers from this process's PID namespace inwards to its own.
  let numbers: [Int32]

  /// Fails when the process is gone.
  init?(of number: Int32) {
    guard let text = try? Machine.hostFile("/proc/\(number)/status") else { return nil }
    self.number = number
    parent = Self.field("PPid", of: text).first ?? 0
    numbers = Self.field("NSpid", of: text)
  }

  private static func field(_ name: String, of text: String) -> [Int32] {
    let line = text.split(separator: "\n").first { $0.hasPrefix("\(name):") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().compactMap { Int32($0) } ?? []
  }
}
