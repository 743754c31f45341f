/// Bytes and inodes on every filesystem concerned, with a reserve. What retention would free in the store counts as
/// free, since it is freed first.
struct RoomLeft: PreflightCheck {
  func findings(_ situation: PreflightSituation) throws -> [String] { try situation.room.shortages() }

  func remarks(_ situation: PreflightSituation) -> [String] {
    guard let removed = try? situation.room.expendable(), !removed.isEmpty else { return [] }
    return ["room is short; \(removed.sentence)"]
  }
}
