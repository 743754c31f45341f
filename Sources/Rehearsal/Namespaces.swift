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

  /// The options of nsenter(1), for a child of the process `owner`, which holds these.
  func options(owner: Int32) -> [String] {
    held.map { "--\($0.option)=/proc/\(owner)/fd/\($0.descriptor.rawValue)" }
  }
}
