import Basics
import Testing

@Suite("A pattern for paths")
struct PathPatternTests {
  @Test(
    "matches as in a .gitignore",
    arguments: [
      ("*.log", ["a.log", "x/y/b.log", ".log"], ["a.log.txt", "log"]),
      ("docs/**", ["docs/a", "docs/a/b"], ["docs", "x/docs/a"]),
      ("/data/", ["data/a", "data/a/b"], ["x/data/a", "data"]),
      ("__pycache__/", ["a/__pycache__/b.pyc", "__pycache__/c"], ["a/__pycache__", "pycache/a"]),
      ("microservices/risk/**", ["microservices/risk/main.py"], ["microservices/risky/main.py", "microservices/risk"]),
      ("a/**/b", ["a/b", "a/x/b", "a/x/y/b/c"], ["a/x/c", "b"]),
      ("**/b", ["b", "x/b", "x/y/b"], ["c", "xb"]),
      ("**", ["a", "a/b"], []),
      ("a?c", ["abc", "x/abc"], ["ac", "a/c", "abbc"]),
      ("[a-c]x", ["ax", "cx"], ["dx", "x"]), ("[!a-c]x", ["dx"], ["ax"]),
      ("\\*", ["*"], ["a"]), ("a*b*c", ["abc", "a12b34c"], ["acb", "ab"]),
      ("ünd", ["ünd", "x/ünd"], ["und"]), ("", [], ["a", ""]), ("[", [], ["["]),
    ] as [(String, [String], [String])])
  func matches(pattern: String, yes: [String], no: [String]) {
    let pattern = PathPattern(pattern)
    #expect(yes.filter { !pattern.matches($0) } == [])
    #expect(no.filter { pattern.matches($0) } == [])
  }

  @Test("matches a folder by itself where it is one")
  func folder() {
    #expect(PathPattern("data/").matches("data", isFolder: true))
    #expect(!PathPattern("data/").matches("data", isFolder: false))
  }

  @Test("takes no longer than the product of the lengths, whatever it is", .timeLimit(.minutes(1)))
  func time() {
    let pattern = PathPattern(String(repeating: "*a", count: 50) + "b")
    #expect(!pattern.matches(String(repeating: "a", count: 500)))
    let deep = PathPattern(String(repeating: "**/a/", count: 50) + "b")
    #expect(!deep.matches(String(repeating: "a/", count: 300) + "c"))
  }
}
