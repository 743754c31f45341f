/// A fault of a handler's owner.
public enum ConsumerError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The handler gave another number of outcomes than it was given deliveries.
  case outcomes(expected: Int, got: Int)

  public var description: String {
    switch self {
    case .outcomes(let expected, let got):
      "the handler gave \(got) outcomes for \(expected) entries; it must give one for each, in their order"
    }
  }
}
