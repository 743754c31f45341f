import Deployment
import Testing

@Suite("A cursor's shift")
struct CursorShiftTests {
  private static let cases: [(String?, String?, CursorShift.Direction?)] = [
    ("5-0", "5-0", CursorShift.Direction.none), ("5-9", "5-10", .again), ("9-0", "10-0", .again),
    ("10-0", "9-7", .skip),
    (nil, "5-0", nil), ("5-0", nil, nil), ("five", "5-0", nil), ("0-0", "0-1", .again),
  ]

  @Test("goes by ids as Redis orders them, and is unknown where one is", arguments: cases)
  func direction(_ saved: String?, _ present: String?, _ direction: CursorShift.Direction?) {
    let shift = CursorShift(stream: "s", group: "g", saved: saved, present: present)
    #expect(shift.direction == direction)
    #expect(!shift.sentence.isEmpty)
  }
}
