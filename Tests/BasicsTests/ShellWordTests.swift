import Basics
import Glibc
import Testing

@Suite("A word of a command that a message shows")
struct ShellWordTests {
  @Test("is what a shell reads, whatever is in it")
  func words() throws {
    let words = [
      "hello.service", "a@b\\x2dc.service", "dev-disk-by\\x2dlabel.device", "", "it's", "a b", "$HOME", "`id`", "a;b",
      "*",
      "-x", "~", "#", "a\"b", "é", "!1", "{a,b}", "it'\u{301}s",
    ]
    for word in words {
      let pipe = try #require(popen("printf %s " + ShellWord.of(word), "r"))
      var bytes = [CChar](repeating: 0, count: 256)
      let count = fread(&bytes, 1, 255, pipe)
      pclose(pipe)
      #expect(String(decoding: bytes.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self) == word)
    }
    #expect(ShellWord.of("hello@1.service") == "hello@1.service")
  }
}
