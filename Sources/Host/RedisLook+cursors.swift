internal import Deployment
internal import EventBus
internal import Redis

extension RedisLook {
  /// Beyond this number of entries they are not counted any more.
  private static let countLimit = 1_000_000

  /// How far each group is from where a backup saw it. What cannot be asked is `nil` there.
  static func shifts(to cursors: [BackupRecord.Cursor], _ address: String) -> [CursorShift] {
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
        shift.entries = try? stream.count(after: saved, through: present, limit: countLimit, on: connection)
      case .skip?:
        shift.entries = try? stream.count(after: present, through: saved, limit: countLimit, on: connection)
      }
      return shift
    }
  }

  /// Sets the groups to where the backup saw them.
  static func put(_ shifts: [CursorShift], _ address: String) throws {
    let connection = try connect(address)
    defer { connection.close() }
    for shift in shifts {
      guard let saved = shift.saved else { continue }
      try Group(shift.group, of: shift.stream).setCursor(to: saved, on: connection)
    }
  }
}
