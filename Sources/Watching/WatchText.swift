internal import Basics
internal import Deployment

/// A watch in words.
extension WatchRecord {
  /// What is going on, or how it ended; in a sentence.
  package func sentence(at now: Int) -> String {
    if let end {
      let how =
        switch end.kind {
        case .rolledBack, .failed: "ended \(UTC.text(end.at)), \(course.failing) looks in a row had failed: "
        case .over, .stopped, .superseded: "ended \(UTC.text(end.at)): "
        }
      return how + Self.firstLine(end.why)
    }
    var parts = ["until \(UTC.text(until))", "on a lasting failure: \(response)"]
    parts.append(lastLook.map { "last look \(UTC.age(of: $0, at: now)) ago" } ?? "no look yet")
    if course.failing > 0 {
      let first = course.failures.first.map(Self.firstLine) ?? ""
      parts.append("\(course.failing) of \(rules.failures) looks in a row failed: \(first)")
    } else if course.looks > 0 {
      parts.append("\(course.looks) looks, nothing found")
    }
    if let skipped { parts.append("the last one was passed over: \(Self.firstLine(skipped))") }
    return parts.joined(separator: ", ")
  }

  /// What an operator has to know of a watch, and the command that shows more; `nil` where nothing is wrong.
  package func trouble(at now: Int) -> (what: String, command: String)? {
    let found = course.failures.first.map(Self.firstLine) ?? ""
    if let end {
      return end.kind == .failed ? ("the watch could not help: \(Self.firstLine(end.why))", "qtctl history") : nil
    }
    if course.isAlarmed {
      return ("failed \(course.failing) looks of its watch in a row: \(found)", "qtctl verify --name \(name)")
    }
    guard isSilent(at: now) else { return nil }
    return ("is watched, and nobody looks", "systemctl status qtctl-watch-\(name).timer")
  }

  private var response: String {
    switch rules.response {
    case .alarm: "alarm"
    case .rollback: "rollback to \(stamp.map(String.init(describing:)) ?? "?")"
    }
  }

  private static func firstLine(_ text: String) -> String {
    String((text.split(whereSeparator: \.isNewline).first ?? "").prefix(300))
  }
}

/// A watch as programs read it. What is not known is `null`.
package struct WatchDocument: Encodable {
  private let record: WatchRecord

  package init(_ record: WatchRecord) { self.record = record }

  private enum Key: String, CodingKey {
    case name, release, began, until, every, onFailure, stamp, looks, failing, failures, alarmed, lastLook, skipped
    case ended, end, why
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(record.name, forKey: .name)
    try container.encode(record.release, forKey: .release)
    try container.encode(UTC.iso(record.began), forKey: .began)
    try container.encode(UTC.iso(record.until), forKey: .until)
    try container.encode(record.rules.every, forKey: .every)
    try container.encode(record.rules.response, forKey: .onFailure)
    try container.encode(record.stamp, forKey: .stamp)
    try container.encode(record.course.looks, forKey: .looks)
    try container.encode(record.course.failing, forKey: .failing)
    try container.encode(record.course.failures, forKey: .failures)
    try container.encode(record.course.isAlarmed, forKey: .alarmed)
    try container.encode(record.lastLook.map(UTC.iso), forKey: .lastLook)
    try container.encode(record.skipped, forKey: .skipped)
    try container.encode(record.end.map { UTC.iso($0.at) }, forKey: .ended)
    try container.encode(record.end?.kind, forKey: .end)
    try container.encode(record.end?.why, forKey: .why)
  }
}
