import Basics
import Testing

@Suite("Digits")
struct DigitsTests {
  @Test(
    "are padded with zeros up to the width and never cut", arguments: [(0, 2, "00"), (7, 3, "007"), (1234, 2, "1234")])
  func decimal(value: Int, width: Int, text: String) {
    #expect(Digits.decimal(value, width: width) == text)
  }

  @Test("of a mode are at least four octal ones", arguments: [(0o755, "0755"), (0o4755, "4755"), (0, "0000")])
  func octal(mode: UInt32, text: String) {
    #expect(Digits.octal(mode) == text)
  }

  @Test("of bytes are two lower-case hexadecimal ones each")
  func hex() {
    #expect(Digits.hex([0, 10, 255, 16]) == "000aff10")
    #expect(Digits.hex(UInt64.max, width: 16) == "ffffffffffffffff")
    #expect(Digits.hex(UInt64(0xAB), width: 16) == "00000000000000ab")
  }
}
