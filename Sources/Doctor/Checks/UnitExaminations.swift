import Deployment
import FileOperations
import Systemd

/// A unit whose files changed since systemd loaded them.
enum NotReloaded: Examination {
  static let id = "unit.reload"

  static func findings(on host: HostView) -> [Finding] {
    host.services.filter(\.needDaemonReload).map {
      Finding($0.unit, "its unit file or a drop-in changed since systemd loaded it", fix: "systemctl daemon-reload")
    }
  }
}

/// A service that systemd restarts again and again; between two starts it is not failed, so `systemctl --failed` does
/// not show it.
enum CrashLoops: Examination {
  static let id = "unit.crashloop"

  static func findings(on host: HostView) -> [Finding] {
    host.services.filter { $0.subState == "auto-restart" }.map { service in
      let restarts = service.nRestarts.map { ", \($0) restarts so far" } ?? ""
      return Finding(
        service.unit, "it keeps ending and is started again\(restarts)",
        fix: "journalctl -u \(HostView.quoted(service.unit)) -n 50")
    }
  }
}

/// A service whose program was replaced or removed while it ran.
enum DeletedPrograms: Examination {
  static let id = "unit.deleted"

  static func findings(on host: HostView) throws -> [Finding] {
    try host.services.compactMap { service in
      guard let pid = service.mainPID, pid > 0, Files.exists("/proc/\(pid)") else { return nil }
      guard let program = try FileState.read("/proc/\(pid)/exe").link, program.hasSuffix(" (deleted)") else {
        return nil
      }
      return Finding(
        service.unit, "process \(pid) runs a program that was replaced or removed, '\(program)'",
        fix: "systemctl restart \(HostView.quoted(service.unit))")
    }
  }
}
