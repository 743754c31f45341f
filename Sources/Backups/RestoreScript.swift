internal import Basics
package import Deployment
internal import EventBus
internal import FileOperations
internal import Units

/// `restore.sh`: puts a backup back with plain sh and coreutils, when there is no qtctl.
///
/// It proves the backup first, stops the units, copies every file beside its target and renames it, takes away what
/// was not there, sets aside what somebody has added to the units since, reloads the manager and starts what ran.
package struct RestoreScript {
  package let record: BackupRecord

  package init(record: BackupRecord) { self.record = record }

  package var text: String {
    """
    #!/bin/sh
    # Restores the backup \(record.stamp) of '\(Self.comment(record.name))', taken on '\(Self.comment(record.host))'.
    # Run as root. Needs sh, coreutils and systemctl; qtctl is not needed.
    set -eu
    umask 022
    here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
    cd "$here"
    sha256sum --check --quiet --strict SHA256SUMS || { echo "the backup is damaged; nothing was changed" >&2; exit 12; }
    [ "$(id -u)" = 0 ] || { echo "run this as root; nothing was changed" >&2; exit 14; }

    \(RestorePaths.functions)

    was_there() {
      case $1 in
    \(known.map { "  \(ShellWord.quoted($0))) ;;" }.joined(separator: "\n"))
      *) return 1 ;;
      esac
    }

    since() { # of these paths, links that were not there go, and other files are set aside
      for path in "$@"; do
        [ -e "$path" ] || [ -h "$path" ] || continue
        if was_there "$path"; then continue; fi
        if [ -h "$path" ]; then rm -- "$path"; else mv -- "$path" "$path.since" && echo "set aside: $path.since"; fi
        case $path in *.d/* | *.wants/* | *.requires/* | *.upholds/*) rmdir -- "${path%/*}" 2>/dev/null || true ;; esac
      done
    }

    running() { # the names of the units that are up
      systemctl list-units --plain --no-legend --state=active,reloading --type=service,socket,timer,path,target |
        while read -r unit rest; do printf '%s\\n' "$unit"; done
    }

    again() { # a unit that was up before and is down now
      case " $(printf '%s ' $before) " in *" $1 "*) ;; *) return 0 ;; esac
      systemctl is-active --quiet "$1" || systemctl start "$1" || { echo "$1 did not come back" >&2; failed=1; }
    }

    own() { # what this backup decides of
      case $1 in
      \(record.units.map { ShellWord.quoted($0.state.unit) }.joined(separator: " | "))) ;;
      *) return 1 ;;
      esac
    }

    \(lines.joined(separator: "\n"))
    cd /
    sync
    echo "restored \(record.stamp); qtctl does not know of it: its next deploy will ask for --accept-drift"
    exit $failed

    """
  }

  private var lines: [String] {
    let units = record.units.map(\.state)
    let quoted = units.map { ShellWord.quoted($0.unit) }
    let folders = record.entries.map { entry in
      String(entry.path.prefix(through: entry.path.lastIndex(of: "/") ?? entry.path.startIndex))
    }
    // A folder that was there may be something else by now.
    let restored = Set(record.entries.filter { $0.state.type == .directory }.map { $0.path + "/" })
    var lines = ["# Nothing has been changed so far."]
    lines += folders.uniqued().filter { !restored.contains($0) }.map { "look \(ShellWord.quoted($0))" }
    lines += [
      "", "# What runs now; some of it stops with the units.", "before=$(running)",
      "# Nothing may start them meanwhile.",
    ]
    lines += quoted.map {
      "for trigger in $(systemctl show -P TriggeredBy \($0)); do systemctl stop \"$trigger\" 2>/dev/null || true; done"
    }
    lines += ["# Stop, in reverse order."]
    lines += quoted.reversed().map { "systemctl stop \($0) 2>/dev/null || true" }
    lines += ["", "# Put back what was there; take away what was not."]
    lines += record.entries.filter { !$0.state.exists }.map(line)
    let made = record.folders.sorted { $0.utf8.count > $1.utf8.count }
    // Again below: what is put back may leave one of them empty.
    lines += made.map { "drop \(ShellWord.quoted($0))" }
    // Folder by folder, so that each is entered once.
    let there = record.entries.filter(\.state.exists).map { (folder: Files.parent(of: $0.path), entry: $0) }
    lines += there.sorted { ($0.folder, $0.entry.path) < ($1.folder, $1.entry.path) }.map { line($0.entry) }
    lines += since(names)
    lines += made.map { "drop \(ShellWord.quoted($0))" }
    lines += ["", "# Start what ran, in order.", "systemctl daemon-reload"]
    let sockets = quoted.map {
      "for trigger in $(systemctl show -P TriggeredBy \($0)); do case $trigger in *.socket) again \"$trigger\" ;; esac; done"
    }
    lines += sockets
    for unit in record.units where unit.state.exists && !unit.state.masked && unit.target != .stopped {
      lines.append("systemctl reset-failed \(ShellWord.quoted(unit.state.unit)) 2>/dev/null || true")
      lines.append(start(unit))
    }
    lines += [
      "", "# What stopped with them runs again.", "for unit in $before; do own \"$unit\" || again \"$unit\"; done",
    ]
    return lines
  }

  /// A oneshot that had ended is run again, unless it runs when something triggers it.
  private func start(_ unit: BackupRecord.Unit) -> String {
    let name = ShellWord.quoted(unit.state.unit)
    guard unit.target == nil else { return "systemctl start \(name)" }
    return "[ -n \"$(systemctl show -P TriggeredBy \(name))\" ] || systemctl start \(name)"
  }

  private func line(_ entry: BackupRecord.Entry) -> String {
    let state = entry.state
    let path = ShellWord.quoted(entry.path)
    switch state.type {
    case .absent: return "gone \(path)"
    case .file, .symlink:
      let source = ShellWord.quoted("files" + entry.path)
      let words = "\(source) \(path) \(state.owner ?? 0):\(state.group ?? 0) \(FileState.octal(state.mode))"
      return state.type == .file && state.xattrs == nil ? "same \(words) || put \(words)" : "put \(words)"
    case .directory: return "folder \(path) \(state.owner ?? 0):\(state.group ?? 0) \(FileState.octal(state.mode))"
    case .other: return ": \(path) was a \(state.type.rawValue) and is left alone"
    }
  }

  /// What lies where only a unit's own files lie, and was there.
  private var known: [String] {
    record.entries.filter { $0.state.exists && UnitFolders.contain($0.path) }.map(\.path)
  }

  /// The units of which the backup knows what belongs to them.
  private var names: [String] {
    guard record.entries.contains(where: { $0.role != nil }) else { return [] }
    let units = record.units.map(\.state.unit)
    return units + record.entries.compactMap { UnitCompanions.unit(ofFile: $0.path) }.filter { !units.contains($0) }
  }

  /// Takes what has come to the units since out of force, as a rollback would.
  private func since(_ names: [String]) -> [String] {
    guard !names.isEmpty else { return [] }
    let own = names.flatMap { unit in
      UnitFolders.administrator.map { folder in
        let dropIns = UnitName(unit).files.map { "\(folder)/\(ShellWord.quoted($0 + ".d"))/*.conf" }
        let links = ["wants", "requires", "upholds"].map { "\(folder)/*.\($0)/\(ShellWord.quoted(unit))" }
        return "since \((dropIns + links).joined(separator: " "))"
      }
    }
    let aliases = names.map { "*/\(ShellWord.quoted($0))" }.joined(separator: " | ")
    let links = UnitFolders.administrator.map { folder in
      "for link in \(folder)/*; do [ ! -h \"$link\" ] || case $(readlink -- \"$link\") in \(aliases)) since \"$link\" ;; esac; done"
    }
    return own + links
  }

  private static func comment(_ text: String) -> String {
    String(text.filter { !$0.isNewline && $0 != "'" })
  }
}
