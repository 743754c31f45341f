internal import Deployment

/// `restore.sh`: puts a backup back with plain sh and coreutils, when there is no qtctl.
///
/// It proves the backup first, stops the units, copies every file beside its target and renames it, takes away what
/// was not there, reloads the manager and starts what ran.
struct RestoreScript {
  let record: BackupRecord

  var text: String {
    """
    #!/bin/sh
    # Restores the backup \(record.stamp) of '\(Self.comment(record.name))', taken on '\(Self.comment(record.host))'.
    # Run as root. Needs sh, coreutils and systemctl; qtctl is not needed.
    set -eu
    here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
    cd "$here"
    sha256sum --check --quiet --strict SHA256SUMS || { echo "the backup is damaged; nothing was changed" >&2; exit 12; }
    [ "$(id -u)" = 0 ] || { echo "run this as root; nothing was changed" >&2; exit 14; }

    put() { # source target owner mode
      folder=$(dirname -- "$2")
      mkdir -p -- "$folder"
      staged="$folder/.$(basename -- "$2").qtctl-staged"
      cp -a -- "$1" "$staged"
      chown -- "$3" "$staged"
      chmod -- "$4" "$staged"
      sync -- "$staged"
      mv -fT -- "$staged" "$2"
    }

    \(lines.joined(separator: "\n"))
    sync
    echo "restored \(record.stamp); qtctl does not know of it: its next deploy will ask for --accept-drift"

    """
  }

  private var lines: [String] {
    let units = record.units.map(\.state)
    var lines = ["# Stop, in reverse order."]
    lines += units.reversed().map { "systemctl stop \(Self.quoted($0.unit)) 2>/dev/null || true" }
    lines += units.filter { !$0.exists || $0.enablement == "disabled" }
      .map { "systemctl disable \(Self.quoted($0.unit)) 2>/dev/null || true" }
    lines += ["", "# Put back what was there; take away what was not."]
    lines += record.entries.map(line)
    lines += record.absentFolders.sorted { $0.utf8.count > $1.utf8.count }
      .map { "rmdir -- \(Self.quoted($0)) 2>/dev/null || true" }
    lines += ["", "# Start what ran, in order.", "systemctl daemon-reload"]
    for unit in units where unit.exists {
      if unit.enablement == "enabled" { lines.append("systemctl enable \(Self.quoted(unit.unit))") }
      guard unit.running else { continue }
      lines.append("systemctl reset-failed \(Self.quoted(unit.unit)) 2>/dev/null || true")
      lines.append("systemctl start \(Self.quoted(unit.unit))")
    }
    return lines
  }

  private func line(_ entry: BackupRecord.Entry) -> String {
    let state = entry.state
    guard state.exists else { return "rm -f -- \(Self.quoted(entry.path))" }
    let source = Self.quoted("files" + entry.path)
    return "put \(source) \(Self.quoted(entry.path)) \(state.owner ?? 0):\(state.group ?? 0) "
      + FileState.octal(state.mode)
  }

  /// A word that sh takes for exactly this text.
  static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  private static func comment(_ text: String) -> String {
    String(text.filter { !$0.isNewline && $0 != "'" })
  }
}
