internal import Redis

extension RouteOnce {
  /// What the script is given of a batch.
  func call(_ items: [Item]) -> Script.Call {
    // A stream without a name is none: no command may name a key that is not used.
    var keys = [group.stream, target, deadLetters, results.isEmpty ? target : results]
    keys.reserveCapacity(keys.count + items.count)
    var arguments = Command(
      group.name, String(max(1, lifetime.components.seconds)), String(max(1, stateLifetime.components.seconds)),
      items.first?.id ?? "-", items.last?.id ?? "+", String(items.count))
    arguments.reserve(bytes: items.count * 512)
    let common = CommonFields(of: items)
    common.append(to: &arguments)
    for item in items {
      switch item {
      case .publish(let id, let key, let digest, let fields):
        keys.append(key)
        if common.names(of: fields) {
          arguments.append("P", id, digest)
          for place in common.own { arguments.append(fields[place].value) }
        } else {
          arguments.append("F", id, digest)
          arguments.append(fields)
        }
      case .settle(let id, let key, let digest, let state, let terminal, let fields):
        keys += [key, state]
        arguments.append("R", id, digest)
        arguments.append(fields)
        arguments.append(terminal)
      case .pass(let id, let key, let digest):
        keys.append(key)
        arguments.append("H", id, digest)
      case .deadLetter(let id, let reason):
        arguments.append("D", id, reason)
      }
    }
    return Script.Call(keys: keys, arguments: arguments)
  }
}

/// What the entries that a batch publishes have in common: it is sent once. That is most of it, and an argument costs the
/// server as much as a part of the work.
private struct CommonFields {
  /// Those of the first one.
  private let fields: [Field]
  /// The places of the values in which the others differ.
  let own: [Int]

  init(of items: [RouteOnce.Item]) {
    var first: [Field]?
    var differs: [Bool] = []
    for case .publish(_, _, _, let fields) in items {
      guard let first else {
        first = fields
        differs = Array(repeating: false, count: fields.count)
        continue
      }
      guard Self.haveSameNames(fields, first) else { continue }
      for place in fields.indices where !differs[place] {
        differs[place] = !fields[place].value.hasSameBytes(as: first[place].value)
      }
    }
    fields = first ?? []
    own = differs.indices.filter { differs[$0] }
  }

  /// Whether these fields are the common ones but for the values at the places in `own`.
  func names(of fields: [Field]) -> Bool { Self.haveSameNames(fields, self.fields) }

  private static func haveSameNames(_ some: [Field], _ others: [Field]) -> Bool {
    some.count == others.count && zip(some, others).allSatisfy { $0.name.hasSameBytes(as: $1.name) }
  }

  func append(to arguments: inout Command) {
    arguments.append(fields)
    arguments.append(own.count)
    // As Lua counts, in the list of names and values.
    for place in own { arguments.append(2 * place + 2) }
  }
}

extension Command {
  fileprivate mutating func append(_ one: String, _ two: String, _ three: String) {
    append(one)
    append(two)
    append(three)
  }

  /// Twice their number, then name and value of each.
  fileprivate mutating func append(_ fields: [Field]) {
    append(fields.count * 2)
    for field in fields {
      append(field.name)
      append(field.value)
    }
  }
}

extension String {
  /// `==` also takes texts of different bytes for the same, such as an accent that is a character of its own.
  fileprivate func hasSameBytes(as other: String) -> Bool {
    guard utf8.count == other.utf8.count else { return false }
    let same = utf8.withContiguousStorageIfAvailable { own in
      other.utf8.withContiguousStorageIfAvailable { own.elementsEqual($0) }
    }
    return (same ?? nil) ?? utf8.elementsEqual(other.utf8)
  }
}
