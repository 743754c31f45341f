import FoundationEssentials
import Testing

@testable import Trading

@Suite struct JSONTests {
  @Test func scalarsAreReadInOrder() throws {
    var scanner = JSONScanner(
      #" { "a" : "x\n\u00e9\ud83d\ude00\/" , "b":-1.5e3,"c":true,"d":null,"e":{"f":[1,{}]},"g":[] } "#)
    let members = try scanner.object()
    #expect(members.map(\.name) == ["a", "b", "c", "d", "e", "g"])
    #expect(members.map(\.value) == [.text("x\né😀/"), .number(-1500), .boolean(true), .null, .nested, .nested])
  }

  @Test(arguments: [
    "", " ", "{", "[]", "1", "null", "{}x", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\":01}",
    "{\"a\":1.}", "{\"a\":.5}", "{\"a\":+1}", "{\"a\":1e}", "{\"a\":-}", "{\"a\":NaN}", "{\"a\":Infinity}",
    "{\"a\":tru}", "{\"a\":\"x}", "{\"a\":\"\\x\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}", "{\"a\":\"\\udc00\"}", "{\"a\":\"\n\"}", "{\"a\":[1 2]}",
    "{\"a\":{\"b\"}}", "{\"a\":1 \"b\":2}",
  ])
  func whatIsNotAnObjectIsRefused(_ text: String) {
    #expect(throws: MessageError.self) {
      var scanner = JSONScanner(text)
      _ = try scanner.object()
    }
  }

  @Test func aFieldNamedTwiceIsRefused() {
    var scanner = JSONScanner(#"{"a":1,"b":2,"a":3}"#)
    let error = #expect(throws: MessageError.self) { try scanner.object() }
    #expect(error?.reason == "payload has the field 'a' twice")
  }

  @Test func nestingEndsSomewhere() {
    let deep = "{\"a\":" + String(repeating: "[", count: 100_000)
    var scanner = JSONScanner(deep)
    let error = #expect(throws: MessageError.self) { try scanner.object() }
    #expect(error?.reason == "payload is nested more than 32 deep")
  }

  @Test func theNumberOfFieldsEndsSomewhere() {
    let wide = "{" + (0..<100_000).map { "\"\($0)\":1" }.joined(separator: ",") + "}"
    var scanner = JSONScanner(wide)
    let error = #expect(throws: MessageError.self) { try scanner.object() }
    #expect(error?.reason == "payload has more than 1000 fields")
  }

  @Test func aFaultIsNamedWithItsPlace() {
    var scanner = JSONScanner(#"{"price": NaN}"#)
    let error = #expect(throws: MessageError.self) { try scanner.object() }
    #expect(error?.reason == "payload is not JSON: at byte 10 is 'NaN}', should be a value")
  }

  private struct Sample: Codable, Equatable {
    var text: String
    var number: Double
    var whole: Int
  }

  @Test(
    arguments: ["", "a\"b\\c/d", "\n\r\t\u{0}\u{1F}\u{7F}", "é😀\u{2028}"],
    [0, -0.5, 1e-7, 64250.5, 1e15, 1.7e308])
  func whatIsWrittenIsWhatOthersRead(_ text: String, _ number: Double) throws {
    var json = JSONWriter()
    json.add("text", text)
    json.add("number", number)
    json.add("whole", 7)
    let sample = Sample(text: text, number: number, whole: 7)
    #expect(try JSONDecoder().decode(Sample.self, from: Data(json.object.utf8)) == sample)
    // And what others write is what is read here.
    var scanner = JSONScanner(String(decoding: try JSONEncoder().encode(sample), as: UTF8.self))
    let members = Dictionary(uniqueKeysWithValues: try scanner.object().map { ($0.name, $0.value) })
    #expect(members == ["text": .text(text), "number": .number(number), "whole": .number(7)])
  }
}
