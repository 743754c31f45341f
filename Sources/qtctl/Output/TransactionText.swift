import Deployment
import HostState
import Status
import Terminal

/// One transaction of the history as text; its checks follow, as of every report.
enum TransactionText {
  static func text(_ detail: TransactionDetail, _ layout: Layout) -> StyledText {
    let entry = detail.entry
    var text = StyledText()
    func line(_ line: String, _ tone: StyledText.Tone = .plain, rest: Int = 10) {
      let rest = String(repeating: " ", count: rest)
      for part in TextLines.wrapped(line, first: "", rest: rest, width: layout.width, layout) {
        text += StyledText(part, tone)
        text += "\n"
      }
    }
    line("\(entry.verb) of \(entry.name): \(entry.course)", .strong, rest: 2)
    line("command:  qtctl \(entry.command)")
    let took = Console.took(entry.seconds)
    line("when:     \(UTC.text(entry.started)), \(UTC.age(of: entry.started, at: Clock.seconds)) ago, took \(took)")
    line("who:      \(entry.user)")
    let fault = entry.fault.map { _ in ", the release was at fault" } ?? ""
    line("outcome:  \(entry.end.words) (exit \(entry.exit))\(fault)", entry.tone)
    if let reason = entry.reason {
      let lines = reason.split(whereSeparator: \.isNewline)
      line("why:      \(lines.first ?? "")")
      for rest in lines.dropFirst() { line("          \(rest)") }
    }
    if let stamp = entry.stamp { line("backup:   \(stamp); see: qtctl backups show \(stamp)") }
    if let folder = entry.evidence {
      let files = detail.evidence.isEmpty ? "it is no longer there" : detail.evidence.joined(separator: ", ")
      line("evidence: \(folder) (\(files))")
    }
    if detail.steps.isEmpty {
      line("Its steps and checks were not kept.", .dim)
    } else {
      text += "\n"
      text += steps(detail.steps, layout)
    }
    if !detail.checks.isEmpty { text += StyledText("\nCHECKS\n", .dim) }
    return text
  }

  private static func steps(_ steps: [StepResult], _ layout: Layout) -> StyledText {
    Table(
      ["STEP", "TOOK", "STATUS", "DETAIL"], bending: ["STEP", "DETAIL"],
      rows: steps.map { step in
        Table.Row(
          [
            step.name, Console.took(step.seconds), step.status.rawValue,
            step.detail.split(whereSeparator: \.isNewline).joined(separator: " "),
          ], step.status == .failed ? .bad : step.status == .skipped ? .dim : .plain,
          note: step.status == .failed && layout.width != nil ? step.detail : nil)
      }
    ).text(layout)
  }
}

extension HistoryEntry {
  /// From what to what.
  var course: String {
    switch (from, to) {
    case (let from?, let to?): "\(from) → \(to)"
    case (nil, let to?): "\(to)"
    case (let from?, nil): "\(from) → nothing deployed by qtctl"
    case (nil, nil): "no release changed"
    }
  }
}
