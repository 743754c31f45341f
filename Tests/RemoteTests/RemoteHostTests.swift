import Testing

@testable import Remote

@Suite("The name of a host")
struct RemoteHostTests {
  @Test(
    "is what ssh takes for one",
    arguments: ["web1", "deploy@web1", "10.0.0.7", "fe80::1%eth0", "::1", "a.b-c_d@web-1.example.org"])
  func good(_ text: String) throws { #expect(try RemoteHost(text).description == text) }

  @Test(
    "is no option, no shell and no more than a name",
    arguments: [
      "", "-oProxyCommand=x", "user@-oProxyCommand=x", "-l@web1", "a b", "a;b", "$(x)", "`x`", "a\nb", "a'b", "@web1",
      "user@", "web1:2222", "deploy@web1:22",
      "a/../b", "ü", "a\u{0}b", String(repeating: "a", count: 256),
    ])
  func bad(_ text: String) { #expect(throws: HostNameFault.self) { try RemoteHost(text) } }
}

@Suite("What a host printed")
struct TerminalTextTests {
  private static let hostile: [UInt8] = Array(
    "a\u{1b}[31mred\u{1b}[0m\u{1b}]0;t\u{07}\u{1b}[2J\u{9b}1m\r\u{202e}é\t\n\u{1b}[1;31;4x\u{1b}".utf8)

  @Test(
    "shows no control character but tabs and ends of lines, and colours only where they are wanted",
    arguments: [true, false])
  func masked(_ isColoured: Bool) {
    var whole = TerminalText(isColoured: isColoured)
    let text = whole.shown(Self.hostile) + whole.finish()
    let plain = text.replacing("\u{1b}[31m", with: "").replacing("\u{1b}[0m", with: "")
    #expect((plain == text) != isColoured)
    #expect(
      !plain.unicodeScalars.contains {
        $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x9b || $0.value == 0x202e
      })
    #expect(text.contains("é\t\n"))
  }

  @Test("is the same in whatever pieces it comes", arguments: [true, false])
  func pieces(_ isColoured: Bool) {
    var whole = TerminalText(isColoured: isColoured)
    let expected = whole.shown(Self.hostile) + whole.finish()
    for size in 1...7 {
      var parts = TerminalText(isColoured: isColoured)
      var text = ""
      var rest = Self.hostile[...]
      while !rest.isEmpty {
        text += parts.shown(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
      }
      #expect(text + parts.finish() == expected)
    }
  }
}
