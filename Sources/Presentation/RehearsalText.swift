import Deployment
package import Rehearsing
package import Terminal

/// What a rehearsal found, as people read it.
package struct RehearsalText {
  package let record: RehearsalRecord
  package let layout: Layout

  package init(record: RehearsalRecord, layout: Layout) {
    self.record = record
    self.layout = layout
  }

  package var text: StyledText {
    var text = phases
    if !record.changes.isEmpty {
      text += StyledText("\nWOULD CHANGE\n", .dim)
      for step in record.changes { text += StyledText("\(step.name)  (\(step.detail))\n") }
    }
    if !record.journal.isEmpty {
      text += StyledText("\nJOURNAL OF THE COPY\n", .dim)
      for line in record.journal { text += StyledText("  \(line)\n") }
    }
    for note in record.notes { text += StyledText("note: \(note)\n", .careful) }
    text += "\n"
    return text
  }

  private var phases: StyledText {
    Table(
      ["TRIED", "TOOK", "RESULT", "DETAIL"], bending: ["DETAIL"], heading: ["TRIED", "TOOK", "RESULT"],
      rows: record.phases.map { phase in
        let detail = phase.message.split(whereSeparator: \.isNewline).joined(separator: "; ")
        let note = phase.passed || layout.width == nil ? nil : detail
        return Table.Row(
          [
            phase.name.rawValue, Console.took(phase.seconds), phase.passed ? "good" : "failed",
            note == nil ? detail : "",
          ], phase.passed ? .plain : .bad, note: note)
      }
    ).text(layout)
  }
}

extension CommandResult {
  /// The result of a rehearsal. Nothing on the host was changed, whatever it says.
  package init(_ command: String, rehearsal record: RehearsalRecord) {
    self.init(command, record.passed ? .verified : .failed)
    exit = record.passed ? .done : .checkFailed
    steps = record.phases.map {
      StepResult(name: $0.name.rawValue, status: $0.passed ? .done : .failed, seconds: $0.seconds, detail: $0.message)
    }
    checks = (record.failure ?? record.phase(.deploy))?.checks ?? []
    content = .rehearsal(record)
    message = Self.verdict(record)
  }

  private static func verdict(_ record: RehearsalRecord) -> String {
    if let failure = record.failure {
      let reason = failure.message.split(whereSeparator: \.isNewline).joined(separator: "\n  ")
      return "the rehearsal failed in its \(failure.name.rawValue), nothing on this host was changed: \(reason)"
    }
    guard !record.isUnchanged else { return "the rehearsal is good: this release is on the host, nothing would change" }
    let times = [(RehearsalRecord.Phase.Name.deploy, "a deploy takes about"), (.rollback, "a rollback")].compactMap {
      name, words in record.prediction(name).map { "\(words) \(Console.took($0))" }
    }
    return "the rehearsal is good: \(times.joined(separator: ", ")); nothing on this host was changed"
  }
}
