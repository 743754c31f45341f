internal import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd

/// Units that the boot must not start: each has a drop-in, for this boot only, with a condition that does not hold while a
/// flag is there. The flag alone releases them all.
extension SystemdControl {
  private static let flag = "/run/qtctl/hold"
  private static let dropIn = "00-qtctl-hold.conf"

  package func hold(_ units: [String]) throws {
    try Files.makeFolders(Files.parent(of: Self.flag), mode: 0o755)
    for unit in units {
      let folder = "\(UnitFolders.runtime)/\(unit).d"
      try Files.makeFolders(folder, mode: 0o755)
      let text = "# Until an interrupted qtctl transaction is undone.\n[Unit]\nConditionPathExists=!\(Self.flag)\n"
      try Files.replace(folder + "/" + Self.dropIn, with: Array(text.utf8), mode: 0o644)
    }
    try Files.replace(Self.flag, with: Array(units.joined(separator: "\n").utf8), mode: 0o644)
    try manager.daemonReload()
  }

  package func release() throws {
    guard let bytes = try Files.readIfPresent(Self.flag) else { return }
    for unit in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
      let folder = "\(UnitFolders.runtime)/\(unit).d"
      try Files.removeIfPresent(folder + "/" + Self.dropIn)
      rmdir(folder)
    }
    try Files.removeIfPresent(Self.flag)
    try manager.daemonReload()
  }

  package func runAfterBoot(_ command: [String], state: String) throws {
    _ = try manager.startTransient(
      "qtctl-recover-later.service",
      [
        .text("Description", "Undo an interrupted qtctl transaction and its migration"), .text("Type", "exec"),
        .texts("After", ["default.target", "multi-user.target"]), .text("CollectMode", "inactive-or-failed"),
        .texts("Environment", ["QTCTL_STATE=" + state]),
        .command(ExecCommand(directive: "ExecStart", path: command.first ?? "", arguments: command)),
      ])
  }
}
