package import Deployment
internal import EventBus
internal import Redis
internal import Verification

/// What a transaction asks Redis itself: whether it is there, and where the consumer groups stand. The real one is
/// `RedisInspector`.
package protocol RedisInspection {
  /// Why that Redis cannot be used, in words; `nil` when it answers and keeps what it is given.
  func fault(_ address: String) -> String?
  /// Where the groups stand. What cannot be read is `nil` there: a backup is taken also when Redis is down.
  func cursors(_ groups: [Manifest.ConsumerGroup], _ address: String) -> [BackupRecord.Cursor]
  /// How far each group is from where a backup saw it. What cannot be asked is `nil` there.
  func shifts(to cursors: [BackupRecord.Cursor], _ address: String) -> [CursorShift]
  /// Sets the groups to where the backup saw them.
  func put(_ shifts: [CursorShift], _ address: String) throws
}

/// Redis, asked over a connection of its own for each question.
package struct RedisInspector: RedisInspection {
  /// Beyond this number of entries they are not counted any more.
  private static let countLimit = 1_000_000

  package init() {}

  package func fault(_ address: String) -> String? {
    do {
      let connection = try connect(address)
      defer { connection.close() }
      _ = try connection.call(["PING"])
      // A write to the server, which weighs it as one (READONLY, MISCONF, OOM, LOADING), and none to the data: with XX
      // it sets only what exists, and nobody uses this name.
      let name = "qtctl:preflight:\(UInt64.random(in: 0 ... .max))"
      guard case .error(let error) = try connection.send(["SET", name, "", "XX"]) else {
        let info = try connection.call(["INFO"]).string ?? ""
        return RedisDurability.fault(info: info).map { "Redis: \(connection.endpoint): \($0)" }
      }
      return "Redis: \(connection.endpoint) answers but accepts no writes, so it would lose what the services write: "
        + "\(error); fix that first (see 'redis-cli INFO')"
    } catch {
      return "Redis: \(error)"
    }
  }

  package func cursors(_ groups: [Manifest.ConsumerGroup], _ address: String) -> [BackupRecord.Cursor] {
    let connection = try? connect(address)
    defer { connection?.close() }
    return groups.map { group in
      let found = try? connection?.ask(Stream(group.stream).groups).first { $0.name == group.group }
      return BackupRecord.Cursor(
        stream: group.stream, group: group.group, lastDelivered: found?.lastDeliveredID, pending: found?.pending,
        lag: found?.lag)
    }
  }

  package func shifts(to cursors: [BackupRecord.Cursor], _ address: String) -> [CursorShift] {
    let connection = try? connect(address)
    defer { connection?.close() }
    return cursors.map { cursor in
      var shift = CursorShift(stream: cursor.stream, group: cursor.group, saved: cursor.lastDelivered, present: nil)
      guard let connection else { return shift }
      shift.present = try? Group(cursor.group, of: cursor.stream).lastDelivered(on: connection)
      guard let saved = shift.saved, let present = shift.present else { return shift }
      let stream = Stream(cursor.stream)
      switch shift.direction {
      case nil: break
      case CursorShift.Direction.none?: shift.entries = 0
      case .again?:
        shift.entries = try? stream.count(after: saved, through: present, limit: Self.countLimit, on: connection)
      case .skip?:
        shift.entries = try? stream.count(after: present, through: saved, limit: Self.countLimit, on: connection)
      }
      return shift
    }
  }

  package func put(_ shifts: [CursorShift], _ address: String) throws {
    let connection = try connect(address)
    defer { connection.close() }
    for shift in shifts {
      guard let saved = shift.saved else { continue }
      try Group(shift.group, of: shift.stream).setCursor(to: saved, on: connection)
    }
  }

  private func connect(_ address: String) throws -> Connection {
    try Connection(
      to: Endpoint(address),
      options: Connection.Options(connectTimeout: .seconds(2), timeout: .seconds(2), maxReplyBytes: 16 << 20),
      trust: RedisUsers())
  }
}
