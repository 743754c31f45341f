internal import Trading

/// Redis is not the one that was traded on before. No order is made until an operator has looked.
public enum GenesisError: Error, Sendable, Hashable, CustomStringConvertible {
  /// It has no mark: it lost its data.
  case lost(remembered: String)
  /// It has another mark: it is another Redis, or one that lost its data and was marked again.
  case other(mark: String, remembered: String)

  public var description: String {
    let (fault, remembered) =
      switch self {
      case .lost(let remembered): ("Redis lost its data: its mark '\(remembered)' is gone", remembered)
      case .other(let mark, let remembered):
        ("this is another Redis: its mark is '\(mark)', not '\(remembered)'", remembered)
      }
    return """
      \(fault), so what was ordered before is not known and nothing is traded; restore it, or accept the loss with \
      'redis-cli SET \(Names.Key.genesisAccepted) \(remembered)' and start again
      """
  }
}
