internal import Glibc
package import Redis
internal import Systemd

/// The users of this machine that a Redis password may be told: root, this process' own, and those that run Redis.
package struct RedisUsers: ListenerTrust {
  /// The accounts that the packages of Redis and of its successors make.
  private static let accounts = ["redis", "valkey", "keydb"]
  private static let programs: Set = ["redis-server", "valkey-server", "keydb-server", "dragonfly"]
  /// A further user's name or number, for a Redis that no unit runs.
  package static let variable = "QTCTL_REDIS_USER"

  private let users: Set<UInt32>

  /// - Parameter named: that further user; `nil`: as the environment of this process says.
  package init(named: String? = nil) {
    var names = Self.accounts
    var users: Set<UInt32> = [0, geteuid()]
    if let named = named ?? getenv(Self.variable).map({ String(cString: $0) }) {
      if let number = UInt32(named) { users.insert(number) } else { names.append(named) }
    }
    for name in names { if let account = getpwnam(name) { users.insert(account.pointee.pw_uid) } }
    self.users = users
  }

  package func trusts(_ listener: Listener) -> Bool {
    guard let user = listener.user else { return false }
    return users.contains(user) || listener.inode.map(isService) ?? false
  }

  /// Whether a system service whose unit file starts a Redis server has the socket open: root wrote that file.
  private func isService(_ inode: UInt64) -> Bool {
    guard let unit = Self.unit(ofSocket: inode), let manager = try? ServiceManager(timeout: .seconds(5)),
      let details = try? manager.details(of: unit)
    else { return false }
    return details.status.commands.contains { command in
      command.directive == "ExecStart" && Self.programs.contains { command.path.hasSuffix("/" + $0) }
    }
  }

  /// The service in whose control group a process has that socket open; only root sees those of others.
  private static func unit(ofSocket inode: UInt64) -> String? {
    let wanted = "socket:[\(inode)]"
    for process in ProcessView.names(in: "/proc") where Int(process) != nil {
      let folder = "/proc/\(process)/fd/"
      guard ProcessView.names(in: folder).contains(where: { ProcessView.readLink(folder + $0) == wanted }),
        let group = ProcessView.read("/proc/\(process)/cgroup").map({ String(decoding: $0, as: UTF8.self) })
      else { continue }
      // Of the system's manager, not of a user's: /system.slice/x.service, or a slice of the administrator's.
      let parts = group.split(separator: "\n").compactMap { $0.split(separator: ":").last }
        .flatMap { $0.split(separator: "/") }
      guard !parts.contains("user.slice") else { continue }
      if let unit = parts.first(where: { $0.hasSuffix(".service") }) { return String(unit) }
    }
    return nil
  }
}
