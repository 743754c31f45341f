package import Deployment

/// The steps of a transaction on one scale of time.
package struct Timeline: Sendable, Hashable {
  /// The parts of a transaction, in the order in which they come.
  package enum Phase: String, Sendable, Hashable, CaseIterable {
    case prepare, commit, verify, undo
  }

  /// A step, or several of one kind that follow each other.
  package struct Row: Sendable, Hashable {
    package var name: String
    package var phase: Phase
    package var status: StepResult.Status
    /// In seconds from the first step on.
    package var start: Double
    package var seconds: Double
    package var detail: String
    /// The names of the steps that are one row; empty where it is one step.
    package var names: [String] = []

    package var end: Double { start + seconds }
  }

  /// A phase from its first step to its last one.
  package struct Span: Sendable, Hashable {
    package var phase: Phase
    package var start: Double
    package var end: Double
  }

  package var rows: [Row] = []
  package var spans: [Span] = []
  /// How long all of it took, in seconds; never zero.
  package var length = 1.0
  /// Whether the moments are known, or only how long each step took.
  package var isExact = true

  /// More steps of one kind in a row than that are shown as one.
  private static let most = 6

  package init(_ steps: [StepResult]) {
    isExact = steps.allSatisfy { $0.at != nil }
    var (clock, phase) = (0.0, Phase.prepare)
    for step in steps {
      phase = Self.phase(of: step, after: phase)
      let start = Self.sound(isExact ? step.at ?? clock : clock)
      let row = Row(
        name: step.name, phase: phase, status: step.status, start: start, seconds: Self.sound(step.seconds),
        detail: step.detail)
      rows.append(row)
      clock = max(clock, row.end)
    }
    length = max(0.001, rows.map(\.end).max() ?? 0)
    spans = Self.spans(rows)
    rows = Self.folded(rows)
  }

  /// What a record says may be anything.
  private static func sound(_ seconds: Double) -> Double { seconds.isFinite ? min(max(0, seconds), 1e9) : 0 }

  private static let prepares: Set<String> = [
    "plan", "check the backup", "preflight", "look for drift", "accept drift", "free disk space", "back up", "stage",
    "run hook prepare", "leave an interrupted transaction behind", "keep the release's folder",
  ]

  /// A step belongs to the phase before it unless it begins another one.
  static func phase(of step: StepResult, after phase: Phase) -> Phase {
    if phase == .undo { return .undo }
    let name = step.name
    if name == "go back" || name == "clean up" || name.hasPrefix("stage backup ") { return .undo }
    if name == "verify" { return .verify }
    // Waiting for a run that is in progress touches nothing.
    if phase == .prepare, prepares.contains(name) || name.hasPrefix("wait for ") || name.hasPrefix("create the users ")
    {
      return .prepare
    }
    return phase == .verify ? .verify : name == "keep evidence" ? phase : .commit
  }

  private static func spans(_ rows: [Row]) -> [Span] {
    rows.reduce(into: []) { spans, row in
      if let last = spans.indices.last, spans[last].phase == row.phase {
        spans[last].end = max(spans[last].end, row.end)
      } else {
        spans.append(Span(phase: row.phase, start: max(row.start, spans.last?.end ?? 0), end: row.end))
      }
    }
  }

  /// Brings together many steps of one kind: a tree of files is a row, not five hundred.
  private static func folded(_ rows: [Row]) -> [Row] {
    var result: [Row] = []
    var run: [Row] = []
    func close() {
      guard run.count > most, let first = run.first else {
        result += run
        run = []
        return
      }
      var row = first
      row.names = run.map(\.name)
      row.name = "\(kind(first)) … (\(run.count) steps)"
      row.seconds = (run.map(\.end).max() ?? first.end) - first.start
      row.detail = ""
      result.append(row)
      run = []
    }
    for row in rows {
      if let last = run.last,
        row.phase != last.phase || row.status != last.status || kind(row) != kind(last)
      {
        close()
      }
      run.append(row)
    }
    close()
    return result
  }

  private static func kind(_ row: Row) -> Substring { row.name.prefix { $0 != " " } }
}

/// Marks on an axis of time, at round numbers.
package enum Ticks {
  /// Up to seven marks from zero to `length`, in seconds.
  package static func marks(upTo length: Double) -> [Double] {
    guard length.isFinite, length > 0, length < 1e12 else { return [0] }
    var decade = 0.001
    while decade < 1e12 {
      for step in [decade, decade + decade, decade * 5] where length / step <= 6 {  // trap: of doubles
        return (0...Int(length / step)).map { Double($0) * step }  // trap: of doubles
      }
      decade *= 10
    }
    return [0]
  }
}
