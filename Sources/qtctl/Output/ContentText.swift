import Deployment
import FileOperations
import HostState
import Transactions

/// The lists that verbs show, as text.
enum ContentText {
  static func backups(_ lines: [BackupLine]) -> String {
    guard !lines.isEmpty else { return "there are no backups\n" }
    return Table(
      header: ["STAMP", "NAME", "HOLDS", "VERIFIED", "FILES", "BYTES", "WHY"],
      rows: lines.map { line in
        if let damage = line.damage { return [line.stamp.description, "?", "damaged", "?", "?", "?", damage] }
        return [
          line.stamp.description, line.name ?? "?", line.release?.description ?? "not deployed by qtctl",
          (line.verified ?? false ? "yes" : "no") + (line.pinned ? ", pinned" : ""), count(line.files),
          count(line.bytes), line.reason ?? "",
        ]
      }
    ).text
  }

  static func backup(_ record: BackupRecord) -> String {
    let files = Table(
      header: ["PATH", "ROLE", "STATE", "MODE", "OWNER", "BYTES", "CONTENT"],
      rows: record.entries.map { entry in
        let state = entry.state
        return [
          entry.path, entry.role?.rawValue ?? "target", state.type.rawValue,
          FileState.octal(state.mode), "\(count(state.owner)):\(count(state.group))", count(state.size),
          state.link.map { "→ \($0)" } ?? (entry.secret ? "(secret)" : String((state.sha256 ?? "?").prefix(12))),
        ]
      })
    let units = Table(
      header: ["UNIT", "LOAD", "ACTIVE", "ENABLED"],
      rows: record.units.map { [$0.state.unit, $0.state.load, $0.state.active, $0.state.enablement] })
    let groups = Table(
      header: ["GROUP", "STREAM", "LAST DELIVERED", "PENDING", "LAG"],
      rows: record.groups.map { [$0.group, $0.stream, $0.lastDelivered ?? "?", count($0.pending), count($0.lag)] })
    return """
      \(record.stamp) of \(record.name) on \(record.host), taken \(UTC.text(record.stamp.seconds)) by \(record.user)
      why: \(record.reason)
      holds: \(record.installed?.release.description ?? "not deployed by qtctl")\(record.verified ? ", verified" : "")

      \(files.text)
      \(units.text)
      """ + (record.groups.isEmpty ? "" : "\n" + groups.text)
  }

  static func retention(_ decisions: [Retention.Decision]) -> String {
    Table(
      header: ["STAMP", "", "WHY"],
      rows: decisions.map { [$0.stamp.description, $0.keep ? "keep" : "remove", $0.reason] }
    ).text
  }

  static func cursors(_ shifts: [CursorShift]) -> String {
    Table(
      header: ["GROUP", "STREAM", "SAVED", "PRESENT", "BETWEEN", "PUT BACK"],
      rows: shifts.map {
        [$0.group, $0.stream, $0.saved ?? "?", $0.present ?? "?", $0.entries.map(String.init) ?? "?", $0.sentence]
      }
    ).text
  }

  static func units(_ lines: [UnitLine]) -> String {
    Table(
      header: ["UNIT", "STATE", "ENABLED", "PID", "RESTARTS", "UP", "MEMORY", "STATUS"],
      rows: lines.map { line in
        [
          line.unit, line.load == "loaded" ? "\(line.active) (\(line.sub))" : line.load, line.enablement,
          count(line.pid), count(line.restarts), line.uptime.map { UTC.age(of: 0, at: Int($0)) } ?? "-",
          line.memory.map { "\($0 >> 10) KiB" } ?? "-", line.status ?? "",
        ]
      }
    ).text
  }

  static func history(_ entries: [HistoryEntry]) -> String {
    guard !entries.isEmpty else { return "nothing has been done on this host yet\n" }
    return Table(
      header: ["WHEN", "WHO", "NAME", "COMMAND", "FROM", "TO", "OUTCOME", "EXIT", "SECONDS", "BACKUP", "WHY"],
      rows: entries.map { entry in
        [
          UTC.text(entry.started), entry.user, entry.name, entry.command, entry.from?.description ?? "-",
          entry.to?.description ?? "-", entry.end.rawValue + (entry.fault.map { " (\($0.rawValue))" } ?? ""),
          String(entry.exit),
          String(Console.seconds(entry.seconds).drop { $0 == " " }), entry.stamp?.description ?? "-",
          (entry.reason ?? "").split(whereSeparator: \.isNewline).joined(separator: " "),
        ]
      }
    ).text
  }

  static func difference(_ found: HostDifference) -> String {
    found.files.map(\.text).joined()
      + found.units.map { "\($0.unit): \($0.differences.joined(separator: ", "))\n" }.joined()
      + found.unknown.map { "\($0): only one of the two backups holds it\n" }.joined()
  }

  static func logs(_ lines: [LogLine]) -> String {
    lines.map { line in
      let source = (line.unit ?? "-") + (line.pid.map { "[\($0)]" } ?? "")
      // Lines that follow are set in, so that none of them can be taken for one of another service.
      let message = line.message.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
      return "\(UTC.text(line.at / 1_000_000)) \(source): \(message)\n"
    }.joined()
  }

  private static func count(_ value: (some BinaryInteger)?) -> String { value.map { String($0) } ?? "-" }
}
