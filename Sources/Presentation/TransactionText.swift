import Deployment
import HostState
import Status
import Terminal

/// One transaction of the history as text.
struct TransactionText {
  let detail: TransactionDetail
  let console: Console

  /// A pipe has no width; what is written into one is read by people all the same.
  private var layout: Layout {
    var layout = console.layout
    layout.width = layout.width ?? 100
    return layout
  }

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

  /// Each step on a line, and what is said of it beside it where it fits, else below: nothing is cut off.
  private var steps: StyledText {
    let width = layout.width ?? 100
    let lines = detail.steps.map { step in
      (
        step: step, name: "\(Console.seconds(step.seconds))  \(Self.word(step.status))  \(layout.shown(step.name))",
        detail: layout.shown(step.detail.split(whereSeparator: \.isNewline).joined(separator: " "))
      )
    }
    let column = (lines.map(\.name.count).filter { $0 <= width / 2 }.max() ?? 0) + 2
    var text = StyledText("STEPS\n", .dim)
    for line in lines {
      let tone: StyledText.Tone = line.step.status == .failed ? .bad : line.step.status == .skipped ? .dim : .plain
      text += StyledText(layout.shortened(line.name, to: width), tone)
      let gap = String(repeating: " ", count: max(2, column - line.name.count))
      if line.detail.isEmpty {
        text += "\n"
      } else if line.name.count + gap.count + line.detail.count <= width {
        text += StyledText(gap + line.detail + "\n", line.step.status == .failed ? .bad : .dim)
      } else {
        let margin = String(repeating: " ", count: 19)
        let below = TextLines.wrapped(line.detail, first: margin, rest: margin, width: width, layout)
        text += StyledText("\n" + below.joined(separator: "\n") + "\n", line.step.status == .failed ? .bad : .dim)
      }
    }
    return text
  }

  /// As wide as the longest.
  private static func word(_ status: StepResult.Status) -> String {
    switch status {
    case .done: "done  "
    case .failed: "failed"
    case .skipped: "skip  "
    case .planned: "plan  "
    }
  }

  private func checks(_ checks: [CheckResult], _ title: String) -> StyledText {
    guard !checks.isEmpty else { return StyledText() }
    var text = StyledText("\n\(title)\n", .dim)
    text += CheckText.list(checks, console, width: layout.width)
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
