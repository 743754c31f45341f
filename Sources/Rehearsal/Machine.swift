internal import Glibc
internal import SystemPackage

/// A throwaway machine: real systemd as PID 1, over a copy-on-write copy of this host, on a network of its own.
///
/// What happens in it stays in it: writes go to memory and are gone with it. Nothing of it is left when it is powered
/// off, when its last reference goes, or when this process ends in any way, SIGKILL included. Needs root and Debian's
/// `systemd-container`; several can run at once.
///
/// `/run`, `/tmp`, `/dev` and `/proc` in it are its own. Its `/etc/fstab` is empty, no timer of the host runs, its journal
/// and its Redis start empty, and Redis keeps an append-only file and evicts nothing.
package actor Machine {
  /// How the last boot ended.
  package enum State: Sendable, Equatable {
    /// Every unit is as it should be.
    case running
    /// The units asked for are up, but these others failed.
    case degraded([String])
    /// Powered off, from here or from inside.
    case off
  }

  struct Boot: Sendable {
    let namespaces: Namespaces
  }

  /// The search path in the machine.
  static let path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  /// What was asked for.
  package nonisolated let configuration: Configuration
  /// How the last boot ended.
  package internal(set) var state = State.off
  let supervisor: Supervisor
  /// The folder that only the machine's mount namespace sees, by a path that leads into it.
  let folder: String
  let cgroup: String
  let socket: NotifySocket
  var current: Boot?
  private(set) var commands = 0

  private init(_ configuration: Configuration, supervisor: Supervisor, pid: Int32, cgroup: String) throws {
    self.configuration = configuration
    self.supervisor = supervisor
    folder = "/proc/\(pid)/root/run/qtctl-rehearsal"
    self.cgroup = "\(folder)/cgroup/unified/\(cgroup)"
    socket = try NotifySocket(path: "\(folder)/notify")
  }

  deinit {
    supervisor.release()
  }

  /// Boots a machine and returns when the units that were asked for are up.
  ///
  /// On any error, and when the task is cancelled, nothing of it is left.
  ///
  /// - Parameter preparing: changes its files before its first boot.
  package static func boot(
    _ configuration: Configuration = .init(), preparing: @Sendable (PreparedRoot) async throws -> Void = { _ in }
  ) async throws -> Machine {
    try configuration.validate()
    try checkHost(configuration)
    let mounts = try hostFile("/proc/self/mountinfo")
    let supervisor = try await Supervisor(configuration, fileSystems: HostFileSystems.beside(mountinfo: mounts))
    return try await withTaskCancellationHandler {
      do {
        let (pid, cgroup) = try await prepared(supervisor, within: configuration.bootDeadline)
        let machine = try Machine(configuration, supervisor: supervisor, pid: pid, cgroup: cgroup)
        let control = configuration.confinement.map { _ in Self.parent(of: machine.cgroup) + "/control" }
        try await preparing(PreparedRoot(path: machine.folder + "/root", cgroup: control))
        try await machine.start()
        return machine
      } catch {
        supervisor.release()
        await supervisor.ended()
        throw Task.isCancelled ? CancellationError() : error
      }
    } onCancel: {
      supervisor.release()
    }
  }

  /// Ends the machine and returns when nothing of it is left. Once it is off, this does nothing.
  package func powerOff() async {
    state = .off
    current = nil
    supervisor.release()
    await supervisor.ended()
  }

  private static func parent(of path: String) -> String {
    path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
  }

  /// Where the cgroup of a command is, by the command's number.
  func groupPath(_ number: Int) -> String {
    "\(cgroup)/payload/command-\(number)"
  }

  func nextGroupPath() -> String {
    commands += 1
    return groupPath(commands)
  }

  /// The text on the machine's console since the first boot; empty once it is powered off.
  package nonisolated var console: String {
    (try? Self.hostFile("\(folder)/console")) ?? ""
  }

  static func hostFile(_ path: String) throws(MachineError) -> String {
    do {
      let descriptor = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
      return try descriptor.closeAfter {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
          let count = try buffer.withUnsafeMutableBytes { try descriptor.read(into: $0) }
          if count == 0 { return String(decoding: bytes, as: UTF8.self) }
          bytes += buffer.prefix(count)
        }
      }
    } catch {
      throw .system(call: "read", subject: path, reason: "\(error)")
    }
  }
}

/// The namespaces of one boot, held open: a process number can be given to another process, an open namespace cannot.
struct Namespaces: Sendable {
  private static let kinds = [
    (file: "mnt", option: "mount"), (file: "uts", option: "uts"), (file: "ipc", option: "ipc"),
    (file: "net", option: "net"), (file: "pid", option: "pid"), (file: "cgroup", option: "cgroup"),
  ]

  private let held: [(option: String, descriptor: OwnedDescriptor)]

  /// Opens those of the process, which has just been seen alive.
  init(of leader: String) throws(MachineError) {
    var held: [(option: String, descriptor: OwnedDescriptor)] = []
    for kind in Self.kinds {
      held.append((kind.option, try OwnedDescriptor.open("/proc/\(leader)/ns/\(kind.file)")))
    }
    self.held = held
  }

  /// A path of one of them, for a child of the process `owner`, which holds these; `nil` where it is none of these.
  func path(_ option: String, owner: Int32) -> String? {
    held.first { $0.option == option }.map { "/proc/\(owner)/fd/\($0.descriptor.rawValue)" }
  }

  /// The options of nsenter(1), for a child of the process `owner`, which holds these.
  func options(owner: Int32) -> [String] {
    held.map { "--\($0.option)=/proc/\(owner)/fd/\($0.descriptor.rawValue)" }
  }
}
