import Terminal
import Testing

@Suite("A table")
struct TableTests {
  private static let rows = [
    [
      "quantum-ai-strategy-router.service", "active (running)", "-",
      "/etc/systemd/system/quantum-ai-strategy-router.service",
    ],
    ["web.service", "failed (exit-code)", "-", "/etc/systemd/system/web.service"],
  ]

  private static func lines(_ layout: Layout) -> [String] {
    Table(["UNIT", "STATE", "PID", "FILE"], bending: ["UNIT", "FILE"], heading: ["UNIT", "STATE"], rows: rows)
      .text(layout).text.split(separator: "\n").map(String.init)
  }

  @Test("has every cell whole where nobody limits its width")
  func unlimited() {
    let lines = Self.lines(Layout())
    #expect(lines.count == 3)
    #expect(lines[1].contains("quantum-ai-strategy-router.service  active (running)    -"))
    #expect(lines[0].hasPrefix("UNIT") && lines[0].contains("PID"))
  }

  @Test("fits every width", arguments: [20, 40, 60, 80, 100, 120, 200])
  func fits(width: Int) {
    for line in Self.lines(Layout(width: width)) { #expect(line.count <= width, "\(line)") }
  }

  @Test("loses empty columns first, then shortens in the middle")
  func narrower() {
    let lines = Self.lines(Layout(width: 80))
    #expect(lines.count == 3 && !lines[0].contains("PID"), "\(lines)")
    #expect(lines[1].contains("…") && lines[1].contains(".service"), "\(lines)")
    #expect(lines[2].contains("failed (exit-code)"), "\(lines)")
  }

  @Test("becomes blocks where shortening is not enough, and loses nothing that fits a line")
  func blocks() {
    let lines = Self.lines(Layout(width: 40))
    #expect(lines.first == "quantum-ai-strategy-r… active (running)" || lines.first?.contains("…") == true, "\(lines)")
    #expect(lines.contains("web.service  failed (exit-code)"), "\(lines)")
    #expect(lines.contains("  file /etc/systemd/system/web.service"), "\(lines)")
  }

  @Test("has no other characters than ASCII where the locale has none", arguments: [30, 60, 80])
  func ascii(width: Int) {
    let layout = Layout(width: width, isASCII: true)
    let table = Table(
      ["A", "B"], bending: ["A", "B"], rows: [["v1 → v2 é", "a/long/path/to/something/that/is/shortened/here"]])
    for line in (Self.lines(layout) + table.text(layout).text.split(separator: "\n").map(String.init)) {
      #expect(line.utf8.allSatisfy { $0 < 0x80 } && line.count <= width, "\(line)")
    }
  }

  @Test("shows what others wrote on one line")
  func oneLine() {
    let text = Table(["A"], rows: [["one\ntwo\u{1B}[2J"]]).text(Layout()).text
    #expect(text == "A\none\\ntwo\\x1b[2J\n")
  }
}

@Suite("A layout")
struct LayoutTests {
  @Test(
    "knows a locale that has only ASCII",
    arguments: [
      ([:], true), (["LANG": "C"], true), (["LANG": "en_US.UTF-8"], false), (["LANG": "de_DE.utf8"], false),
      (["LANG": "en_US.UTF-8", "LC_ALL": "C"], true), (["LANG": "C", "LC_CTYPE": "C.UTF-8"], false),
      (["LC_ALL": "", "LANG": "C.UTF-8"], false), (["LANG": "en_US.ISO-8859-1"], true),
    ] as [([String: String], Bool)])
  func locale(variables: [String: String], isASCII: Bool) {
    #expect(Layout.isASCII { variables[$0] } == isASCII)
  }

  @Test("shortens in the middle, and keeps both ends", arguments: [4, 5, 6, 9, 12])
  func shortened(width: Int) {
    for layout in [Layout(), Layout(isASCII: true)] {
      let text = layout.shortened("abcdefghijklmnop", to: width)
      #expect(text.count == width && text.hasPrefix("a"), "\(text)")
    }
    #expect(Layout().shortened("abc", to: 3) == "abc")
  }

  @Test("breaks a text between its words and never writes past the edge", arguments: [20, 30, 50])
  func wrapped(width: Int) {
    let text = "the service keeps restarting, see /var/lib/qtctl/evidence/20260131_235959/journal.txt for why"
    let lines = TextLines.wrapped(text, indent: "  ", width: width, Layout())
    #expect(lines.allSatisfy { $0.count <= width && $0.hasPrefix("  ") }, "\(lines)")
    #expect(lines.joined(separator: " ").contains("restarting,"))
  }
}
