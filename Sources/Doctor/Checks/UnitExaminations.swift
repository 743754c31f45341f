import Deployment
import FileOperations
import Glibc
import Systemd
import Units

/// A unit whose files changed since systemd loaded them.
enum NotReloaded: Examination {
  static let id = "unit.reload"
  private static let fix = "systemctl daemon-reload"

  static func findings(on host: HostView) throws -> [Finding] {
    try host.services.compactMap { service in
      if service.needDaemonReload {
        return Finding(service.unit, "its unit file or a drop-in changed since systemd loaded it", fix: fix)
      }
      // systemd 252 does not notice the first drop-in of a unit.
      return try unread(service, host).map {
        Finding(service.unit, "systemd has not loaded its drop-in '\($0)' yet", fix: fix)
      }
    }
  }

  private static func unread(_ service: UnitStatus, _ host: HostView) throws -> String? {
    guard let folder = host.unitFolders.first.map({ "\($0)/\(service.unit).d" }) else { return nil }
    return try Files.names(in: folder).sorted().map { folder + "/" + $0 }.first {
      $0.hasSuffix(".conf") && !service.dropInPaths.contains($0)
    }
  }
}

/// A service that fails and is started again and again; between two starts it is not failed, so `systemctl --failed`
/// does not show it.
enum CrashLoops: Examination {
  static let id = "unit.crashloop"
  /// One restart is a bad moment; so many failures within the window are a loop.
  static let failures = 3
  static let window: Duration = .seconds(15 * 60)
  /// `SD_MESSAGE_UNIT_FAILURE_RESULT` of sd-messages.h.
  private static let failed = "d9b373ed55a64feb8242e02dbe79a49c"

  static func findings(on host: HostView) throws -> [Finding] {
    try host.services.filter(isCandidate).compactMap { service in
      let since = Int64(time(nil)) * 1_000_000 - window.components.seconds * 1_000_000
      let entries = try JournalReader().entries(
        JournalQuery(
          units: [service.unit], includesManager: true, boot: .all, fields: ["MESSAGE_ID": [failed]], since: since))
      return finding(service, failures: entries.count { $0.origin == .manager(about: service.unit) })
    }
  }

  /// What is down for good is shown by `systemctl --failed`.
  static func isCandidate(_ service: UnitStatus) -> Bool {
    !service.activeState.isDown && (service.nRestarts ?? 0) >= UInt32(failures)
  }

  static func finding(_ service: UnitStatus, failures count: Int) -> Finding? {
    guard count >= failures else { return nil }
    return Finding(
      service.unit,
      "it failed \(count) times in the last \(window.components.seconds / 60) minutes and was started again each time",
      fix: "journalctl -u \(HostView.quoted(service.unit)) -n 50")
  }
}

/// A service whose program or library was replaced or removed while it ran.
enum DeletedPrograms: Examination {
  static let id = "unit.deleted"
  /// Where programs map files that are theirs alone and unlinked on purpose, or a journal whose oldest files go.
  private static let scratch = [
    "/memfd:", "/dev/", "/SYSV", "/tmp/", "/var/tmp/", "/run/", "/[aio]", "/anon_hugepage", "/var/log/journal/",
  ]

  static func findings(on host: HostView) -> [Finding] {
    host.services.compactMap { service in
      guard let group = service.controlGroup, !group.isEmpty else { return nil }
      let gone = ProcessPaths().uses(group: group).first { use in
        use.isMapped && use.isDeleted && !scratch.contains(where: use.path.hasPrefix)
      }
      return gone.map {
        Finding(
          service.unit, "'\($0.path)', \($0.how), was replaced or removed since it started",
          fix: "systemctl restart \(HostView.quoted(service.unit))")
      }
    }
  }
}

/// A service that started before a script or module that it uses was written.
enum OutdatedPrograms: Examination {
  static let id = "unit.outdated"
  private static let endings = [".py", ".sh", ".js", ".mjs", ".rb", ".pl", ".php", ".lua", ".jar"]

  static func findings(on host: HostView) -> [Finding] {
    guard let users = host.users else { return [] }
    let named = host.services.flatMap { service in
      service.execStart.flatMap { [$0.path] + $0.arguments.dropFirst() }
    }
    let uses = users.uses(of: Set(named).union(host.files.keys).filter(isCode))
    var found: [String: Finding] = [:]
    for (path, users) in uses.sorted(by: { $0.key < $1.key }) {
      for use in users where use.isOutdated && use.isRunning && found[use.unit] == nil {
        if let restarts = host.files[path] ?? nil, !restarts.contains(use.unit) { continue }
        found[use.unit] = Finding(
          use.unit, "it started before '\(path)', \(use.how), was last written",
          fix: "systemctl restart \(HostView.quoted(use.unit))")
      }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  private static func isCode(_ path: String) -> Bool {
    guard path.hasPrefix("/"), let path = Paths.of(path), let state = try? FileState.peek(path), state.type == .file
    else { return false }
    return endings.contains(where: path.hasSuffix) || (state.mode ?? 0) & 0o111 != 0
  }
}
