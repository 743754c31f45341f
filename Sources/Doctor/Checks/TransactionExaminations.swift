import FileOperations
import HostState
import Systemd

/// What a transaction that was killed has left. While one is in progress, nothing is left over.
enum Leftovers: Examination {
  static let id = "leftovers"

  static func findings(on host: HostView) throws -> [Finding] {
    if let interrupted = host.interrupted { return [Finding(host.state.journal, interrupted, fix: "qtctl recover")] }
    guard LockHolder.current(host.state) == nil else { return [] }
    return try staged(host.targets) + unfinished(host.stores)
  }

  private static func staged(_ folders: Set<String>) throws -> [Finding] {
    try folders.sorted().filter(Files.exists).flatMap { folder in
      try Files.names(in: folder).sorted().filter { $0.hasSuffix(Files.stagedSuffix) }.map { name in
        let path = folder + "/" + name
        return Finding(path, "a file that was staged and never installed", fix: "rm \(HostView.quoted(path))")
      }
    }
  }

  private static func unfinished(_ stores: Set<String>) throws -> [Finding] {
    try stores.sorted().filter(Files.exists).flatMap { store in
      try Files.names(in: store).sorted().filter { $0.hasPrefix(".") && $0.hasSuffix(".unfinished") }.map { name in
        let path = store + "/" + name
        return Finding(path, "a backup that was never finished", fix: "rm -r \(HostView.quoted(path))")
      }
    }
  }
}

/// Nothing undoes an interrupted transaction at boot.
enum BootRecovery: Examination {
  static let id = "recovery.boot"
  static let unit = "qtctl-recover.service"

  static func findings(on host: HostView) -> [Finding] {
    guard host.hasReleases, let state = host.recovery, state.rawValue != "enabled" else { return [] }
    guard state != .absent else {
      return [
        Finding(
          unit, "it is not installed, so that a transaction that a power cut interrupts is not undone at boot",
          fix: "make install, in the folder of qtctl's source, or install its package")
      ]
    }
    return [
      Finding(
        unit, "it is not enabled, so that a transaction that a power cut interrupts is not undone at boot",
        fix: "systemctl enable \(unit)")
    ]
  }
}
