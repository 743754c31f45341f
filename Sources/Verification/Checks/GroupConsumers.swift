internal import Basics
internal import Deployment

/// The group has as many live consumers as the manifest asks for.
///
/// A consumer that was given an entry lately is alive. One that was not may be dead or idle: it counts while nothing
/// waits for the group and as many connections are blocked in a group read.
enum GroupConsumers: GroupCheck {
  static let id = "group.consumers"

  static func judge(_ wanted: Manifest.ConsumerGroup, _ seen: GroupObservation) -> CheckResult {
    let (group, readers, silence) = (seen.group, seen.readers, seen.silence)
    let active = group.consumers.filter { $0.idle <= silence }
    let silent = group.consumers.filter { $0.idle > silence }
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "expected": .int(wanted.consumers), "active": .int(active.count),
      "known": .int(group.consumers.count), "readers": .optional(readers),
      "consumers": .array(group.consumers.prefix(20).map(\.evidence)),
    ]
    if active.count >= wanted.consumers {
      let names = active.prefix(5).map(\.name).joined(separator: ", ")
      return pass(wanted.group, "\(active.count) at work" + (names.isEmpty ? "" : ": \(names)"), evidence)
    }
    if group.waiting == .exactly(0) {
      let idle = readers.map { $0 - active.count } ?? silent.count
      if active.count + idle >= wanted.consumers {
        return pass(wanted.group, "nothing to do; \(idle) connected and waiting", evidence)
      }
    }
    let found = "expected at least \(wanted.consumers) live consumers, found \(active.count)"
    let names = silent.prefix(5).map { "\($0.name) silent for \($0.idle.text)" }
    return fail(
      wanted.group, names.isEmpty ? "\(found): nobody reads it" : "\(found); \(names.joined(separator: ", "))", evidence
    )
  }
}
