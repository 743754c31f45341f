import Testing
import Units

@Suite("An environment file")
struct EnvironmentTextTests {
  /// Compared with what `systemd-run -p EnvironmentFile=` of systemd 252 sets.
  @Test(
    "is read as systemd reads it",
    arguments: [
      ("A=1\nB=2\n", ["A": "1", "B": "2"]),
      ("  A = 1 \r\n", ["A": "1"]),
      ("# A=1\n; B=2\nC=3 # no comment", ["C": "3 # no comment"]),
      ("# one \\\nA=1\nB=2", ["B": "2"]),
      ("A='it''s' \nB=\"x\\\"y\\z\\$\"\n", ["A": "its", "B": "x\"y\\z$"]),
      ("A=one\\\ntwo\nB=a\\ b\\\\\n", ["A": "onetwo", "B": "a b\\"]),
      ("A=\"two\nlines\"\n", ["A": "two\nlines"]),
      ("A=\nB=x", ["A": "", "B": "x"]),
      ("A=1\nA=2\n", ["A": "2"]),
      (
        "A=a b  \\\n c\nB='a'b \"c\"\nC=a\"b\"\nD='x'   \n", ["A": "a b   c", "B": "ab \"c\"", "C": "a\"b\"", "D": "x"]
      ),
      ("", [:]),
    ])
  func reads(_ text: String, _ variables: [String: String]) {
    let read = EnvironmentText(Array(text.utf8))
    #expect(read.variables == variables)
    #expect(read.fault == nil && read.dropped.isEmpty)
  }

  @Test(
    "tells what systemd drops, by line and name and never by value",
    arguments: [
      ("A=1\nexport B=secret\n", "line 2: 'export B'"), ("1A=secret\n", "line 1: '1A'"), ("A-B=secret\n", "'A-B'"),
      ("if true; then\n", "line 1 is not NAME=value"), ("A=\u{1}secret\n", "'A' has a control character"),
      ("B=1\nA=\"secret\nC=2\n", "line 2: the quote of 'A'"),
    ])
  func drops(_ text: String, _ words: String) {
    let read = EnvironmentText(Array(text.utf8))
    #expect(read.dropped.count == 1 && read.fault == nil)
    #expect(read.dropped.contains { $0.contains(words) && !$0.contains("secret") }, "\(read.dropped)")
  }

  @Test(
    "that systemd cannot read at all is a fault",
    arguments: [([0x41, 0x3d, 0xff, 0x0a] as [UInt8], "UTF-8"), ([0x41, 0], "zero byte")])
  func faults(_ bytes: [UInt8], _ words: String) {
    #expect(EnvironmentText(bytes).fault?.contains(words) == true)
  }
}
