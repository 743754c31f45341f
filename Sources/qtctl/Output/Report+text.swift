import Deployment
import Host

extension Report {
  /// The report as people read it.
  func text(_ console: Console) -> String {
    var text = contentText
    if outcome == .planned { text += steps.map { "\($0.name)  (\($0.detail))\n" }.joined() }
    for check in checks {
      let status = console.paint(check.status.rawValue, Console.tone(check))
      text += "\(Console.seconds(check.seconds))  \(status)  \(check.id)  \(check.subject): \(check.detail)\n"
      guard console.options.verbose else { continue }
      for (key, value) in check.evidence.sorted(by: { $0.key < $1.key }) {
        text += "             \(key) = \(value.text)\n"
      }
    }
    if !message.isEmpty {
      let tone: Console.Tone = exit == .done ? .good : .bad
      text += console.paint(message, tone) + summary + "\n"
    }
    return text
  }

  private var summary: String {
    var facts: [String] = []
    if let stamp { facts.append("backup \(stamp)") }
    if !steps.isEmpty && outcome != .planned {
      facts.append(String(Console.seconds(seconds).drop { $0 == " " }))
    }
    return facts.isEmpty ? "" : " (" + facts.joined(separator: ", ") + ")"
  }

  private var contentText: String {
    switch content {
    case .none: ""
    case .backups(let lines): ContentText.backups(lines)
    case .backup(let record): ContentText.backup(record)
    case .retention(let decisions): ContentText.retention(decisions)
    case .units(let lines): ContentText.units(lines)
    case .history(let entries): ContentText.history(entries)
    case .logs(let lines): ContentText.logs(lines)
    }
  }
}

extension JSONValue {
  /// As a person reads it on one line.
  var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .int(let value): String(value)
    case .double(let value): String(value)
    case .string(let value): value
    case .array(let values): "[" + values.map(\.text).joined(separator: ", ") + "]"
    case .object(let values):
      "{" + values.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value.text)" }.joined(separator: ", ") + "}"
    }
  }
}
