internal import Deployment

/// The group has as many living consumers as the manifest asks for.
enum GroupConsumers: Check {
  static let id = "group.consumers"

  static func judge(_ wanted: Manifest.ConsumerGroup, _ group: GroupView, silence: Duration) -> CheckResult {
    let living = group.consumers.filter { $0.lives(silence: silence) }
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "expected": .int(wanted.consumers), "alive": .int(living.count),
      "known": .int(group.consumers.count), "consumers": .array(group.consumers.prefix(20).map(\.evidence)),
    ]
    if living.count >= wanted.consumers {
      let names = living.prefix(5).map(\.name).joined(separator: ", ")
      return pass(wanted.group, "\(living.count) alive" + (names.isEmpty ? "" : ": \(names)"), evidence)
    }
    let silent = group.consumers.filter { !$0.lives(silence: silence) }
      .prefix(5).map { "\($0.name) silent for \($0.idle.text)" }
    let seen = "expected at least \(wanted.consumers) alive, found \(living.count)"
    return fail(
      wanted.group, silent.isEmpty ? "\(seen): nobody reads it" : "\(seen); \(silent.joined(separator: ", "))",
      evidence)
  }
}

extension ConsumerView {
  var evidence: JSONValue {
    .object([
      "name": .string(name), "pending": .int(pending), "idle_seconds": .double(idle.inSeconds), "waits": .bool(waits),
    ])
  }
}
