import Basics
import Deployment
import FoundationEssentials
import Testing

@Suite("A file's time")
struct FileTimeTests {
  @Test(
    "is read as earlier versions wrote it: a number of nanoseconds",
    arguments: [
      ("0", 0, 0), ("1500000000123456789", 1_500_000_000, 123_456_789), ("-1", -1, 999_999_999),
      ("9223372036854775807", 9_223_372_036, 854_775_807), ("-9223372036854775808", -9_223_372_037, 145_224_192),
    ])
  func reads(_ text: String, _ seconds: Int, _ nanoseconds: Int) throws {
    let time = try JSONDecoder().decode(FileTime.self, from: Data(text.utf8))
    #expect(time == FileTime(seconds: seconds, nanoseconds: nanoseconds))
  }

  @Test(
    "comes back as it was, however far away",
    arguments: [
      FileTime(seconds: 0, nanoseconds: 0), FileTime(seconds: -1, nanoseconds: 1),
      FileTime(seconds: 10_413_792_000, nanoseconds: 5), FileTime(seconds: .max, nanoseconds: 999_999_999),
      FileTime(seconds: .min, nanoseconds: 0),
    ])
  func roundTrip(_ time: FileTime) throws {
    let bytes = try JSONEncoder().encode(time)
    #expect(try JSONDecoder().decode(FileTime.self, from: bytes) == time)
  }

  @Test("that is none is refused", arguments: ["1e400", "{\"seconds\":1,\"nanoseconds\":1000000000}", "\"x\"", "null"])
  func refuses(_ text: String) {
    #expect(throws: (any Error).self) { try JSONDecoder().decode(FileTime.self, from: Data(text.utf8)) }
  }

  @Test(
    "of a stamp is shown for every number that there is", arguments: [Int.min, -1, 0, 67_767_976_233_532_799, Int.max])
  func stamps(_ seconds: Int) {
    #expect(UTC.text(seconds).utf8.count == 20)
    #expect(!UTC.age(of: seconds, at: 0).isEmpty && !UTC.age(of: 0, at: seconds).isEmpty)
  }
}
