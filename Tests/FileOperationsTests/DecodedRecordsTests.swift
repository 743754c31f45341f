import FileOperations
import Testing

@Suite("A record that is read several times")
struct DecodedRecordsTests {
  private struct Numbers: Codable, Sendable, Hashable {
    var numbers: [Int]
  }

  private struct Others: Codable, Sendable {
    var numbers: [Double]
  }

  @Test("is what its bytes say, large or small, whatever was read before")
  func says() throws {
    for count in [1, 50_000] {
      var seen: [Numbers] = []
      for start in [0, 1, 0, 2, 3, 4, 5, 0] {
        let numbers = Numbers(numbers: Array(start..<start + count))
        let bytes = try JSON.line(numbers)
        for _ in 0..<2 { seen.append(try JSON.decodeOnce(Numbers.self, from: bytes, path: "record")) }
        #expect(seen.suffix(2) == [numbers, numbers])
        // The same bytes as another type.
        #expect(try JSON.decodeOnce(Others.self, from: bytes, path: "record").numbers.first == Double(start))
      }
      var torn = try JSON.line(Numbers(numbers: Array(0..<count)))
      torn.removeLast(3)
      for _ in 0..<2 {
        #expect(throws: UnreadableRecord.self) { try JSON.decodeOnce(Numbers.self, from: torn, path: "record") }
      }
    }
  }
}
