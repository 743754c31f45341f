import Basics
package import Deployment
package import Terminal

/// Backups as text.
package enum BackupText {
  package static func list(_ lines: [BackupLine], _ layout: Layout) -> StyledText {
    guard !lines.isEmpty else { return StyledText("there are no backups\n") }
    let isWide = layout.width == nil
    return Table(
      ["STAMP", "AGE", "NAME", "HOLDS", "TAKEN BEFORE", "VERIFIED", "FILES", "SIZE"] + (isWide ? ["WHY"] : []),
      bending: ["NAME", "HOLDS", "TAKEN BEFORE"], heading: ["STAMP", "AGE", "NAME"],
      rows: lines.map { line in
        let stamp = line.stamp.description
        let age = UTC.age(of: line.stamp.seconds, at: Clock.seconds)
        if let damage = line.damage {
          let cells = [stamp, age, "?", "damaged", "?", "?", "?", "?"]
          return Table.Row(cells + (isWide ? [damage] : []), .bad, note: isWide ? nil : damage)
        }
        let cells = [
          stamp, age, line.name ?? "?", line.release?.brief ?? "not deployed by qtctl",
          line.before?.description ?? "-", (line.verified ?? false ? "yes" : "no") + (line.pinned ? ", pinned" : ""),
          line.files.map(String.init) ?? "-", line.bytes.map { ByteCount.text($0) } ?? "-",
        ]
        let reason = line.reason ?? ""
        // What it was taken before is in a column of its own.
        let note = isWide || (line.before != nil && reason.hasPrefix("before ")) ? nil : reason
        return Table.Row(cells + (isWide ? [reason] : []), note: note)
      }
    ).text(layout)
  }

  package static func content(_ record: BackupRecord, _ layout: Layout) -> StyledText {
    let files = Table(
      ["PATH", "ROLE", "STATE", "MODE", "OWNER", "SIZE", "CONTENT"], bending: ["PATH", "CONTENT"],
      rows: record.entries.map { entry in
        let state = entry.state
        return [
          entry.path, entry.role?.rawValue ?? "target", state.type.rawValue, FileState.octal(state.mode),
          [state.owner, state.group].map { $0.map { String($0) } ?? "-" }.joined(separator: ":"),
          state.size.map { ByteCount.text($0) } ?? "-",
          state.link.map { "→ \($0)" } ?? (entry.secret ? "(secret)" : String((state.sha256 ?? "?").prefix(12))),
        ]
      })
    let units = Table(
      ["UNIT", "LOAD", "ACTIVE", "ENABLED"], bending: ["UNIT"],
      rows: record.units.map { [$0.state.unit, $0.state.load, $0.state.active, $0.state.enablement] })
    let groups = Table(
      ["GROUP", "STREAM", "LAST DELIVERED", "PENDING", "LAG"], bending: ["GROUP", "STREAM"],
      rows: record.groups.map { group in
        [
          group.group, group.stream, group.lastDelivered ?? "?", group.pending.map { String($0) } ?? "-",
          group.lag.map { String($0) } ?? "-",
        ]
      })
    var text = StyledText()
    let age = UTC.age(of: record.stamp.seconds, at: Clock.seconds)
    for line in [
      "\(record.stamp) of \(record.name) on \(record.host), taken \(UTC.text(record.stamp.seconds)) (\(age) ago) by \(record.user)",
      "why: \(record.reason)",
      "holds: \(record.installed?.release.description ?? "not deployed by qtctl")\(record.verified ? ", verified" : "")",
    ] {
      text += TextLines.wrapped(line, indent: "", width: layout.width, layout).map { $0 + "\n" }.joined()
    }
    for table in [files, units] + (record.groups.isEmpty ? [] : [groups]) {
      text += "\n"
      text += table.text(layout)
    }
    return text
  }

  package static func retention(_ decisions: [Retention.Decision], _ layout: Layout) -> StyledText {
    Table(
      ["STAMP", "AGE", "", "WHY"], bending: ["WHY"],
      rows: decisions.map {
        [
          $0.stamp.description, UTC.age(of: $0.stamp.seconds, at: Clock.seconds), $0.keep ? "keep" : "remove",
          $0.reason,
        ]
      }
    ).text(layout)
  }

  package static func cursors(_ shifts: [CursorShift], _ layout: Layout) -> StyledText {
    Table(
      ["GROUP", "STREAM", "SAVED", "PRESENT", "BETWEEN", "PUT BACK"], bending: ["GROUP", "STREAM", "PUT BACK"],
      heading: ["GROUP"],
      rows: shifts.map {
        [$0.group, $0.stream, $0.saved ?? "?", $0.present ?? "?", $0.entries.map(String.init) ?? "?", $0.sentence]
      }
    ).text(layout)
  }
}
