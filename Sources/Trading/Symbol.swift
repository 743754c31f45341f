/// The name of a market: three to ten capital letters and `USDT`.
public struct Symbol: Sendable, Hashable, CustomStringConvertible {
  static let words = "three to ten capital letters and USDT"

  public let name: String

  /// nil when `name` is no such name.
  public init?(_ name: String) {
    let letters = name.utf8.count - 4
    guard (3...10).contains(letters), name.hasSuffix("USDT"),
      name.utf8.allSatisfy({ UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 })
    else { return nil }
    self.name = name
  }

  public var description: String { name }
}
