import Deployment
import FileOperations
import Glibc
import Systemd

/// Ansible wrote to what a release installed, since it was installed: its modules leave what they did in the journal.
enum AnsibleRuns: Examination {
  static let id = "target.shared"
  private static let modules = [
    "copy", "template", "file", "lineinfile", "blockinfile", "replace", "unarchive", "get_url",
  ]
  private static let collections = ["", "ansible.legacy.", "ansible.builtin."]
  private static let window = 7 * 86_400

  static func findings(on host: HostView) throws -> [Finding] {
    guard let first = host.installed.values.min() else { return [] }
    let names = collections.flatMap { collection in modules.map { "ansible-\(collection)\($0)" } }
    let since = max(first, Int(time(nil)) - window)
    let query = JournalQuery(boot: .all, fields: ["SYSLOG_IDENTIFIER": names], since: Int64(since) * 1_000_000)
    var found: [String: String] = [:]
    // Where no journal is kept, nothing is known of it.
    let entries = (try? JournalReader().entries(query, limit: 100_000)) ?? []
    for entry in entries where entry["_UID"] == "0" {
      for path in written(entry.message) {
        guard let installed = host.installed[path], entry.realtime / 1_000_000 > Int64(installed) else { continue }
        found[path] = entry["SYSLOG_IDENTIFIER"] ?? ""
      }
    }
    return found.sorted { $0.key < $1.key }.map { path, module in
      Finding(
        path, "Ansible (\(module)) wrote to it since qtctl installed it; take it out of the playbook",
        fix: "journalctl -t \(HostView.quoted(module)) -n 20")
    }
  }

  /// What a line such as `Invoked with src=… dest=/etc/shop.conf mode=0644` says it writes.
  static func written(_ message: String) -> [String] {
    guard message.hasPrefix("Invoked with ") else { return [] }
    return message.split(separator: " ").compactMap { word in
      for name in ["dest=", "path="] where word.hasPrefix(name) {
        let path = word.dropFirst(name.count).filter { $0 != "'" && $0 != "\"" }
        return path.hasPrefix("/") ? path : nil
      }
      return nil
    }
  }
}

/// A CI system runs jobs here with the right to write to what releases install.
enum JobRunners: Examination {
  static let id = "target.shared"
  private static let runners = [
    "actions.runner.", "act_runner", "azure-pipelines-agent", "buildkite-agent", "circleci-runner", "drone-runner",
    "forgejo-runner", "gitea-runner", "gitlab-runner", "jenkins", "teamcity-agent", "vsts.agent.", "woodpecker-agent",
  ]

  static func findings(on host: HostView) throws -> [Finding] {
    try host.services.compactMap { service in
      guard service.isActive, runners.contains(where: service.unit.hasPrefix), service.dynamicUser != true,
        let target = try writable(service.user ?? "root", host)
      else { return nil }
      return Finding(
        service.unit,
        "it runs jobs of a CI system as \(service.user ?? "root"), who can write to '\(target)', which a release of qtctl "
          + "installs; give it another User=, and let it call 'qtctl deploy' by sudo",
        fix: "systemctl edit \(HostView.quoted(service.unit))")
    }
  }

  /// The first installed path that this user can replace.
  private static func writable(_ user: String, _ host: HostView) throws -> String? {
    guard let number = UInt32(user) ?? (try? Accounts.user(user)) else { return nil }
    return try host.files.keys.sorted().first { path in
      guard number != 0 else { return true }
      return try [path, Files.parent(of: path)].contains { try FileState.peek($0).owner == number }
    }
  }
}
