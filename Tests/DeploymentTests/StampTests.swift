import Deployment
import Testing

@Suite("A stamp")
struct StampTests {
  @Test(
    "reads back as it was written",
    arguments: [
      "20260131_235959", "20240229_000000", "19700101_000000", "20991231_120000_2", "20260131_235959_17",
    ])
  func roundTrip(_ text: String) {
    #expect(Stamp(text)?.description == text)
  }

  @Test(
    "is nothing but a stamp",
    arguments: [
      "", "20260131", "20260131-235959", "20260230_000000", "20260131_246060", "20260131_235959_1", "20260131_235959_",
      "20260131_235959_02", "../20260131_235959", "20260131_235959/", "2026013１_235959", "20260131_235959_-2",
      "20260131_235959_99999999999999999999", " 20260131_235959", "20260131_235959\n", "+2026013_235959",
    ])
  func refused(_ text: String) {
    #expect(Stamp(text) == nil)
  }

  @Test("orders by time and then by number")
  func order() throws {
    let texts = ["20260131_235959", "20260131_235959_2", "20260131_235959_10", "20260201_000000"]
    let stamps = texts.compactMap(Stamp.init)
    #expect(stamps.reversed().sorted().map(\.description) == texts)
  }

  @Test("gets a number when its second is taken")
  func next() throws {
    let first = Stamp.next(seconds: 1_000_000_000, taken: [])
    let second = Stamp.next(seconds: 1_000_000_000, taken: [first])
    let third = Stamp.next(seconds: 1_000_000_000, taken: [second, first])
    #expect(
      [first, second, third].map(\.description) == [
        "20010909_014640", "20010909_014640_2", "20010909_014640_3",
      ])
  }

  @Test("only grows, also when the clock was set back")
  func grows() {
    let ahead = Stamp(seconds: 1_000_007_200, ordinal: 3)
    #expect(
      Stamp.next(seconds: 1_000_000_000, taken: [ahead, Stamp(seconds: 1)]) == Stamp(seconds: 1_000_007_200, ordinal: 4)
    )
    #expect(Stamp.next(seconds: 1_000_007_201, taken: [ahead]) == Stamp(seconds: 1_000_007_201))
    // What comes next can be read again, however many a second has.
    let last = Stamp.next(seconds: 1, taken: [Stamp(seconds: 1_000_000_000, ordinal: 99_999)])
    #expect(last == Stamp(seconds: 1_000_000_001) && Stamp(last.description) == last)
  }
}
