/// Numbers and bytes as text with a fixed number of digits.
package enum Digits {
  /// `value` in decimal, with zeros in front up to `width` digits.
  package static func decimal(_ value: some BinaryInteger, width: Int) -> String {
    padded(String(value), width)
  }

  /// Permission bits as an operator writes them, such as `0755`.
  package static func octal(_ mode: UInt32) -> String { padded(String(mode, radix: 8), 4) }

  /// `value` in lower-case hexadecimal, with zeros in front up to `width` digits.
  package static func hex(_ value: some BinaryInteger, width: Int) -> String {
    padded(String(value, radix: 16), width)
  }

  /// Two lower-case hexadecimal digits for each byte.
  package static func hex(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  private static let digits = Array("0123456789abcdef".utf8)

  private static func padded(_ text: String, _ width: Int) -> String {
    String(repeating: "0", count: max(0, width - text.utf8.count)) + text
  }
}
