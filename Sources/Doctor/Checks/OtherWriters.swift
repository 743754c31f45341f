import FileOperations
import Systemd

/// Something else writes to what releases install, so that a deploy and it undo each other: a line of cron, or a service
/// that a timer starts.
enum OtherWriters: Examination {
  static let id = "target.shared"
  private static let tables = ["/etc/crontab"]
  private static let folders = ["/etc/cron.d", "/var/spool/cron/crontabs", "/var/spool/cron"]
  /// Programs that write to what they are given.
  private static let writers: Set = [
    "rsync", "cp", "mv", "install", "git", "tee", "tar", "scp", "unzip", "curl", "wget", "ln", "rm", "sed",
    "ansible-playbook", "salt-call", "puppet", "chef-client", "pip", "npm",
  ]
  /// What pulls a whole configuration, wherever it writes.
  private static let pullers = "ansible-pull"

  static func findings(on host: HostView) throws -> [Finding] {
    guard !host.files.isEmpty else { return [] }
    let listed = try folders.map { host.root + $0 }.flatMap { folder in
      try Files.names(in: folder).sorted().map { folder + "/" + $0 }
    }
    let cron = (tables.map { host.root + $0 } + listed).flatMap { lines(of: $0, host) }
    let services = host.scheduled.sorted { $0.key < $1.key }.compactMap { timer, service -> Finding? in
      let lines = service.commands.map { $0.arguments.joined(separator: " ") }
      guard let target = lines.compactMap({ target(in: $0, host) }).first else { return nil }
      return Finding(
        service.unit, "it writes to '\(target)', which a release of qtctl installs",
        fix: "systemctl disable --now \(HostView.quoted(timer))")
    }
    return cron + services
  }

  private static func lines(of path: String, _ host: HostView) -> [Finding] {
    guard let bytes = try? Files.read(path) else { return [] }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
      guard !line.drop(while: \.isWhitespace).hasPrefix("#"), let target = target(in: String(line), host) else {
        return nil
      }
      return Finding(
        path, "line \(index + 1) writes to '\(target)', which a release of qtctl installs",
        fix: "sed -i '\(index + 1)s/^/#/' \(HostView.quoted(path))")
    }
  }

  /// The installed path that a command line seems to write to.
  static func target(in line: String, _ host: HostView) -> String? {
    let words = line.split(whereSeparator: { $0.isWhitespace || "'\"=:;&|()".contains($0) }).map(String.init)
    if words.contains(where: { Paths.name($0) == pullers }) { return host.files.keys.min() }
    let writes = words.contains { writers.contains(Paths.name($0)) } || line.contains(">")
    guard writes else { return nil }
    for word in words {
      let path = String(word.drop { $0 == ">" })
      guard path.hasPrefix("/") else { continue }
      let folder = path.hasSuffix("/") ? String(path.dropLast()) : path
      // A folder such as /usr is named by too many lines.
      guard folder.split(separator: "/").count > 1 else { continue }
      if let hit = host.files.keys.filter({ $0 == folder || $0.hasPrefix(folder + "/") }).min() { return hit }
    }
    return nil
  }
}
