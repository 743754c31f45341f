import Deployment
import HostState
import Status
import Terminal

/// One transaction of the history as text.
struct TransactionText {
  let detail: TransactionDetail
  let console: Console

  private var layout: Layout { console.layout }

  var text: StyledText {
    let entry = detail.entry
    var text = line("\(entry.verb) of \(entry.name): ", entry.course, .strong)
    text += line("command:  ", "qtctl \(entry.command)")
    let age = UTC.age(of: entry.started, at: Clock.seconds)
    text += line("when:     ", "\(UTC.text(entry.started)), \(age) ago, took \(Console.took(entry.seconds))")
    text += line("who:      ", entry.user)
    let fault = entry.fault.map { _ in ", the release was at fault" } ?? ""
    text += line("outcome:  ", "\(entry.end.words) (exit \(entry.exit))\(fault)", entry.tone)
    for (number, reason) in (entry.reason ?? "").split(whereSeparator: \.isNewline).enumerated() {
      text += line(number == 0 ? "why:      " : "          ", String(reason))
    }
    if let stamp = entry.stamp { text += line("backup:   ", "\(stamp); see: qtctl backups show \(stamp)") }
    if let folder = entry.evidence {
      let files = detail.evidence.isEmpty ? "it is no longer there" : detail.evidence.joined(separator: ", ")
      text += line("evidence: ", "\(folder) (\(files))")
    }
    if detail.steps.isEmpty {
      text += line("", "Its steps and checks were not kept.", .dim)
    } else {
      text += "\n"
      text += steps
    }
    text += checks(detail.failed, "CHECKS THAT FAILED")
    text += checks(detail.checks, entry.end == .undone ? "CHECKS OF WHAT IS BACK" : "CHECKS")
    return text
  }

  private func line(_ title: String, _ text: String, _ tone: StyledText.Tone = .plain) -> StyledText {
    let rest = String(repeating: " ", count: min(title.count, 10))
    let lines = TextLines.wrapped(layout.shown(text), first: title, rest: rest, width: layout.width, layout)
    return StyledText(lines.map { $0 + "\n" }.joined(), tone)
  }

  private var steps: StyledText {
    Table(
      ["STEP", "TOOK", "STATUS", "DETAIL"], bending: ["STEP", "DETAIL"], heading: ["STEP", "TOOK", "STATUS"],
      rows: detail.steps.map { step in
        let sentence = step.detail.split(whereSeparator: \.isNewline).joined(separator: " ")
        let isFailed = step.status == .failed
        // Why a step failed is said whole.
        let note = isFailed && layout.width != nil && sentence.count > 24 ? sentence : nil
        return Table.Row(
          [step.name, Console.took(step.seconds), step.status.rawValue, note == nil ? sentence : ""],
          isFailed ? .bad : step.status == .skipped ? .dim : .plain, note: note)
      }
    ).text(layout)
  }

  private func checks(_ checks: [CheckResult], _ title: String) -> StyledText {
    guard !checks.isEmpty else { return StyledText() }
    var text = StyledText("\n\(title)\n", .dim)
    for check in checks { text += CheckText.text(check, console) }
    return text
  }
}

extension HistoryEntry {
  /// From what to what.
  package var course: String {
    switch (from, to) {
    case (let from?, let to?): "\(from) → \(to)"
    case (nil, let to?): "\(to)"
    case (let from?, nil): "\(from) → nothing deployed by qtctl"
    case (nil, nil): "no release changed"
    }
  }
}
