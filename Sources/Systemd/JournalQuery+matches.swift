extension JournalQuery {
  /// A field that must have exactly this value. Of several values for one field, any will do.
  struct Match: Sendable, Hashable {
    var field: String
    var value: String

    init(_ field: String, _ value: String) {
      self.field = field
      self.value = value
    }
  }

  /// The conditions: every group must hold; a group holds when one of its alternatives does; an alternative holds when
  /// each of its fields does.
  func matches(currentBoot: String) -> [[[Match]]] {
    var groups: [[[Match]]] = []
    if !units.isEmpty { groups.append(units.flatMap { alternatives(unit: $0) }) }
    if let invocationID { groups.append(alternatives(invocation: invocationID)) }
    switch boot {
    case .current: groups.append([[Match("_BOOT_ID", currentBoot)]])
    case .id(let id): groups.append([[Match("_BOOT_ID", id)]])
    case .all: break
    }
    if let priority {
      groups.append([(0...priority.rawValue).map { Match("PRIORITY", String($0)) }])
    }
    for (field, values) in fields.sorted(by: { $0.key < $1.key }) where !values.isEmpty {
      groups.append([values.map { Match(field, $0) }])
    }
    return groups
  }

  /// As journalctl(1) describes `--unit`. Anyone may write `UNIT=` and `COREDUMP_UNIT=`, so each stands beside a trusted
  /// field that only the manager and systemd-coredump have.
  private func alternatives(unit: String) -> [[Match]] {
    let own = [Match("_SYSTEMD_UNIT", unit)]
    guard includesManager else { return [own] }
    return [
      own,
      [Match("_PID", "1"), Match("UNIT", unit)],
      [Match("MESSAGE_ID", Self.coredumpMessageID), Match("_UID", "0"), Match("COREDUMP_UNIT", unit)],
    ]
  }

  private func alternatives(invocation: String) -> [[Match]] {
    let own = [Match("_SYSTEMD_INVOCATION_ID", invocation)]
    guard includesManager else { return [own] }
    return [own, [Match("_PID", "1"), Match("INVOCATION_ID", invocation)]]
  }
}
