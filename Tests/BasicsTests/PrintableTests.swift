import Basics
import Testing

@Suite("Text that others wrote")
struct PrintableTests {
  @Test(
    "has nothing left in it that a terminal obeys",
    arguments: [
      ("plain\ttext\n", "plain\ttext\n"), ("\u{1B}[2Jx", "\\x1b[2Jx"), ("a\rb\u{7}", "a\\x0db\\x07"),
      ("\u{9B}31m", "\\x9b31m"), ("a\u{202E}b\u{2028}", "a\\u202eb\\u2028"), ("\r\n", "\\x0d\n"),
      ("naïve 日本", "naïve 日本"),
      ("\u{0}\u{7F}", "\\x00\\x7f"), ("\u{E0001}", "\\ue0001"),
    ])
  func text(_ text: String, _ shown: String) { #expect(Printable.text(text) == shown) }

  @Test("stays on one line where a line is meant")
  func line() { #expect(Printable.line("a\nb\tc") == "a\\nb\\x09c") }
}

@Suite("Sums of numbers from outside")
struct SaturatingTests {
  @Test("end at the largest number")
  func saturates() {
    #expect([Int.max, 1, 1].saturatedSum == .max && [Int.min, -1].saturatedSum == .min && [1, 2].saturatedSum == 3)
    #expect(Int.max.multipliedSaturated(by: 2) == .max && Int.max.multipliedSaturated(by: -2) == .min)
    #expect(Duration.saturated(seconds: 1e300) == .seconds(31_536_000))
    #expect(Duration.saturated(seconds: -.infinity) == .zero && Duration.saturated(seconds: .nan) == .zero)
  }
}
