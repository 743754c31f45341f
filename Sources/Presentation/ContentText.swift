import Basics
package import Deployment
import FileOperations
package import HostState
import Status
package import Terminal
package import Transactions

/// What verbs show beyond how it ended, as text.
package enum ContentText {
  package static func history(_ entries: [HistoryEntry], _ layout: Layout) -> StyledText {
    guard !entries.isEmpty else { return StyledText("nothing has been done on this host yet\n") }
    // Whoever reads a file has all; on a terminal, age and stamp tell when, and the outcome tells the exit status.
    let isWide = layout.width == nil
    let columns: [(title: String, isShown: Bool, cell: (HistoryEntry) -> String)] = [
      ("WHEN", isWide, { UTC.text($0.started) }),
      ("AGE", true, { UTC.age(of: $0.started, at: Clock.seconds) }),
      ("NAME", true, \.name), ("COMMAND", true, isWide ? \.command : \.verb),
      ("FROM", true, { isWide ? $0.from?.description ?? "-" : $0.from?.brief ?? "-" }),
      ("TO", true, { isWide ? $0.to?.description ?? "-" : $0.to?.brief ?? "-" }),
      ("OUTCOME", true, { $0.end.words + ($0.fault.map { " (\($0.rawValue))" } ?? "") }),
      ("EXIT", isWide, { String($0.exit) }),
      ("TOOK", true, { Console.took($0.seconds) }),
      ("BACKUP", true, { $0.stamp?.description ?? "-" }), ("WHO", true, \.user),
      ("WHY", isWide, \.reasonLine),
    ]
    let shown = columns.filter(\.isShown)
    return Table(
      shown.map(\.title), bending: ["NAME", "FROM", "TO"], heading: ["COMMAND", "NAME", "OUTCOME"],
      rows: entries.map { entry in
        Table.Row(shown.map { $0.cell(entry) }, entry.tone, note: isWide ? nil : entry.reasonLine)
      }
    ).text(layout)
  }

  package static func difference(_ found: HostDifference) -> String {
    found.files.map(\.text).joined()
      + found.units.map { "\($0.unit): \($0.differences.joined(separator: ", "))\n" }.joined()
      + found.unknown.map { "\($0): only one of the two backups holds it\n" }.joined()
  }

  package static func logs(_ lines: [LogLine]) -> String {
    lines.map { line in
      let source = (line.unit ?? "-") + (line.pid.map { "[\($0)]" } ?? "")
      // Lines that follow are set in, so that none of them can be taken for one of another service.
      let message = line.message.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: "\n    ")
      return "\(UTC.text(line.at / 1_000_000)) \(source): \(message)\n"
    }.joined()
  }
}

extension Outcome {
  /// As people read it.
  package var words: String { rawValue.replacing("-", with: " ") }
}

extension HistoryEntry {
  /// Why, on one line.
  package var reasonLine: String { (reason ?? "").split(whereSeparator: \.isNewline).joined(separator: "; ") }

  package var tone: StyledText.Tone {
    switch end {
    case .failed: .bad
    case .undone, .recovered, .unverified: .careful
    default: exit == ExitStatus.done.rawValue ? .plain : .careful
    }
  }
}
