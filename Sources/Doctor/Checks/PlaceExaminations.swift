import Deployment
import FileOperations
import HostState
import Preflight

/// The journal is in memory alone, so that a reboot loses the reasons of a failure.
enum JournalInMemory: Examination {
  static let id = "journal.volatile"

  static func findings(on host: HostView) -> [Finding] {
    let (memory, disk) = host.journals
    guard Files.exists(memory), !Files.exists(disk) else { return [] }
    return [
      Finding(
        disk, "the journal is kept in memory, so a reboot loses it",
        fix: "mkdir -p \(disk) && systemd-tmpfiles --create --prefix \(disk) && journalctl --flush")
    ]
  }
}

/// Others than root decide what is put back, or a reboot loses it.
enum UnsafeFolders: Examination {
  static let id = "folder.unsafe"

  static func findings(on host: HostView) throws -> [Finding] {
    let trust = host.stores.union([host.state.path]).sorted().compactMap { folder -> Finding? in
      guard let fault = PathTrust.root.fault(of: folder) else { return nil }
      let path = HostView.quoted(fault.path)
      return Finding(folder, "\(fault)", fix: "chown root \(path) && chmod go-w \(path)")
    }
    let volatile = try host.stores.sorted().flatMap { store in
      try StorePlace.faults(of: store, volatile: false).map {
        Finding(store, $0, fix: "export QTCTL_BACKUPS=/var/backups/qtctl")
      }
    }
    return trust + volatile
  }
}

/// Too little space or too few inodes where releases, backups and state lie.
enum DiskShortage: Examination {
  static let id = "disk.space"
  /// Below this many bytes and inodes a deploy of any size soon fails.
  private static let (bytes, files) = (256 << 20, 2000)

  static func findings(on host: HostView) throws -> [Finding] {
    let places = host.stores.union(host.targets).union([host.state.path]).sorted()
    let systems = try Set(places.map { try Filesystem(holding: $0) })
    return systems.sorted { $0.folder < $1.folder }.compactMap { system in
      system.shortage(bytes: bytes, files: files).map {
        Finding(system.folder, $0, fix: "du -xh --max-depth=2 \(HostView.quoted(system.folder))")
      }
    }
  }
}
