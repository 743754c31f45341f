internal import Deployment
internal import FileOperations
package import Systemd

/// The Redis servers among the services of a host.
package enum RedisServices {
  private static let programs = ["redis-server", "valkey-server", "keydb-server", "dragonfly"]

  /// Whether its program is a Redis server; a sentinel is none.
  package static func isServer(_ service: UnitStatus) -> Bool {
    service.execStart.contains { command in
      programs.contains { command.path.hasSuffix("/" + $0) } && !command.arguments.contains("--sentinel")
    }
  }

  /// The folder in which a running server keeps its data: it works in it. `nil` where it does not run.
  package static func dataFolder(_ service: UnitStatus) -> String? {
    guard let pid = service.mainPID, pid > 0 else { return nil }
    return Paths.link("/proc/\(pid)/cwd")
  }

  /// Whether a process of the service listens at a unix socket of that path, by the kernel's word.
  package static func listens(_ service: UnitStatus, at path: String) -> Bool {
    guard let pid = service.mainPID, pid > 0 else { return false }
    let text = (try? Files.read("/proc/net/unix")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let sockets = Set(
      text.split(separator: "\n").filter { $0.hasSuffix(" " + path) }.compactMap { line in
        line.split(separator: " ").dropFirst(6).first.map { "socket:[\($0)]" }
      })
    let folder = "/proc/\(pid)/fd/"
    return ((try? Files.names(in: folder)) ?? []).contains { Paths.link(folder + $0).map(sockets.contains) ?? false }
  }
}
