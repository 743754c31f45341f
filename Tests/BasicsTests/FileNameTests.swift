import Basics
import Testing

@Suite("A file name as text")
struct FileNameTests {
  /// Names that Swift takes for the same or for part of a slash, that are no UTF-8, and that are spelled like such ones.
  private static let names: [[UInt8]] =
    (1...255).filter { $0 != 0x2F }.map { [UInt8($0)] }
    + [
      "é", "e\u{301}", "\u{212B}", "\u{C5}", "A\u{30A}", "\u{301}x", "x\u{301}", "\u{600}", "'\u{301}",
      "\u{1100}\u{1161}",
      "\u{AC00}", "\u{10FF80}", "\u{10FFFF}", "\u{378}", "हिन्दी", "日本", "naïve", "a\r\nb", "\u{1F468}\u{200D}",
    ].map { Array($0.utf8) }
    + [
      [0xC3, 0xA9, 0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0xAF],
      Array(repeating: 0xFF, count: 255),
    ]

  @Test("gives its bytes back")
  func roundTrip() {
    for name in Self.names { #expect(FileName.bytes(FileName.text(name)) == name) }
    #expect(FileName.cString(FileName.text([0xFF])) == [-1, 0])
    #expect(
      [Int8(0x61), -2, 0].withUnsafeBufferPointer { FileName.bytes(FileName.text(cString: $0.baseAddress!)) } == [
        0x61, 0xFE,
      ])
  }

  @Test("is equal to that of no other name")
  func distinct() {
    #expect(Set(Self.names.map { FileName.text($0) }).count == Set(Self.names).count)
  }

  @Test("leaves the slashes beside it alone")
  func slashes() {
    for name in Self.names {
      let path = "/a/" + FileName.text(name) + "/b"
      #expect(path.split(separator: "/").count == 3 && path.hasPrefix("/a/") && path.hasSuffix("/b"))
      #expect(FileName.text([0x2F] + name + [0x2F] + name) == "/" + FileName.text(name) + "/" + FileName.text(name))
    }
  }

  @Test("is spelled as it is written wherever that is safe, and shown so wherever it is text")
  func plain() {
    for name in ["naïve", "日本", "Ünïcode-ß", "привет", "한글"] { #expect(FileName.text(Array(name.utf8)) == name) }
    for name in ["हिन्दी", "e\u{301}"] {
      let text = FileName.text(name)
      #expect(text != name && Printable.line(text).utf8.elementsEqual(name.utf8) && FileName.text(text) == text)
    }
    #expect(Printable.line("/a/" + FileName.text([0xFF, 0x41, 0xC3])) == "/a/\\xffA\\xc3")
    #expect(FileName.isAsItIs("日本") && FileName.isAsItIs("\u{1F600}"))
    #expect(!FileName.isAsItIs(FileName.text("e\u{301}")) && !FileName.isAsItIs(FileName.text([0xC3])))
  }

  @Test("is matched by a pattern byte by byte")
  func patterns() {
    #expect(
      PathPattern("e\u{301}*").matches(FileName.text("e\u{301}x"))
        && !PathPattern("é*").matches(FileName.text("e\u{301}x")))
    #expect(
      PathPattern("?").matches(FileName.text([0xFF]))
        && PathPattern("*.bin").matches("a/" + FileName.text([0xFF] + ".bin".utf8)))
  }
}
