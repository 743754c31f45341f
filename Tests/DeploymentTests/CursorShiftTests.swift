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

@Suite("The id of a stream entry")
struct EntryIDTests {
  @Test(
    "is read as Redis writes it, and as nothing else",
    arguments: [
      ("5-1", EntryID(milliseconds: 5, sequence: 1)), ("5", EntryID(milliseconds: 5, sequence: 0)),
      ("18446744073709551616-0", nil), ("-", nil), ("5-", nil), ("", nil), ("5-1-1", nil),
    ] as [(String, EntryID?)])
  func reading(text: String, id: EntryID?) {
    #expect(EntryID(text) == id)
  }

  @Test("orders by milliseconds, then by sequence")
  func order() {
    #expect(EntryID(milliseconds: 9, sequence: 9) < EntryID(milliseconds: 10, sequence: 0))
    #expect(EntryID(milliseconds: 10, sequence: 2) < EntryID(milliseconds: 10, sequence: 10))
  }
}
