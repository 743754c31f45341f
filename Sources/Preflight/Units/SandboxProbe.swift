internal import FileOperations
internal import Systemd
internal import Units

/// Asks, from inside a unit's sandbox and as its user, what can be read there: in a unit of its own, with the same
/// settings, which runs `test` and ends.
package enum SandboxProbe {
  private static let limit: Duration = .seconds(10)

  /// Two lines a question; the number of each one that is answered with no, and a word at the end, so that silence is
  /// no answer.
  private static let script =
    #"n=0; while IFS= read -r k && IFS= read -r p; do test "-$k" "$p" || echo $n; n=$((n+1)); done; echo end"#

  /// All units are asked at once.
  package static func ask(
    _ units: [(unit: PlannedUnit, questions: [SandboxQuestion])], _ trial: any UnitTrial
  ) throws -> [SandboxAnswer] {
    guard !units.isEmpty else { return [] }
    return try Scratch.with { folder in
      let texts = units.enumerated().map { index, entry in
        text(of: entry.unit, asks: "\(folder)/\(index).ask", answers: "\(folder)/\(index).answer")
      }
      for (index, entry) in units.enumerated() {
        let lines = entry.questions.flatMap { [$0.kind.rawValue, $0.path] }.joined(separator: "\n")
        try Scratch.write(lines + "\n", to: "\(folder)/\(index).ask")
      }
      let ended = try TrialUnits.with(texts) { try trial.run($0, within: limit) }
      return try zip(units, ended).enumerated().map { index, pair in
        let bytes = try Files.readIfPresent("\(folder)/\(index).answer") ?? []
        return answer(String(decoding: bytes, as: UTF8.self), pair.0.questions) ?? .impossible(pair.1.execMainStatus)
      }
    }
  }

  private static func text(of unit: PlannedUnit, asks: String, answers: String) -> String {
    """
    [Unit]
    Description=What \(unit.name.full) may read, asked by qtctl
    DefaultDependencies=no
    [Service]
    \(unit.question.joined(separator: "\n"))
    Type=oneshot
    ExecStart=:/bin/sh -c '\(script)'
    StandardInput=file:\(asks)
    StandardOutput=file:\(answers)
    StandardError=null
    TimeoutStartSec=5

    """
  }

  private static func answer(_ text: String, _ questions: [SandboxQuestion]) -> SandboxAnswer? {
    let lines = text.split(separator: "\n")
    guard lines.last == "end" else { return nil }
    return .denied(Set(lines.compactMap { Int($0) }.filter(questions.indices.contains).map { questions[$0] }))
  }
}

/// What the process of a unit is asked: whether it may read a file, or run it, or enter a folder.
package struct SandboxQuestion: Hashable {
  package enum Kind: String { case read = "r", enter = "x" }
  package var kind: Kind
  package var path: String
}

/// The answer of a unit that asked as the user of another one, with its sandbox in force.
package enum SandboxAnswer {
  /// What it may not.
  case denied(Set<SandboxQuestion>)
  /// It could not be started; the exit status by which systemd says why (systemd.exec(5), "Process Exit Codes").
  case impossible(Int32?)
}
