internal import Glibc
internal import Trading

/// The markets of the paper exchange: those that it knows by itself, or those of a file.
package enum PaperMarkets {
  /// A file of markets that cannot be used.
  package struct Fault: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
  }

  /// The most traded ones, as exchanges of perpetual contracts have them.
  package static let standard: [String: PaperRules.Market] = {
    var markets: [String: PaperRules.Market] = [:]
    for line in table.split(separator: "\n") {
      if let (symbol, market) = market(line) { markets[symbol] = market }
    }
    return markets
  }()

  /// Reads a file: a market a line, with its symbol, the smallest step of a quantity, the smallest order in USD and the
  /// highest leverage, separated by spaces; `#` begins a comment.
  package static func read(_ path: String) throws(Fault) -> [String: PaperRules.Market] {
    var markets: [String: PaperRules.Market] = [:]
    for (index, line) in try text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.prefix { $0 != "#" }
      guard words.contains(where: { !$0.isWhitespace }) else { continue }
      guard let (symbol, market) = market(words) else {
        throw Fault(
          description: "'\(path)' line \(index + 1) is no market; write one such as 'BTCUSDT 0.001 5 125' (symbol, "
            + "lot, smallest order in USD, highest leverage)")
      }
      guard markets.updateValue(market, forKey: symbol) == nil else {
        throw Fault(description: "'\(path)' line \(index + 1) has \(symbol) a second time; remove one of the two")
      }
    }
    guard !markets.isEmpty else { throw Fault(description: "'\(path)' has no market; write one a line") }
    return markets
  }

  private static func market(_ line: Substring) -> (String, PaperRules.Market)? {
    let words = line.split(whereSeparator: \.isWhitespace)
    guard words.count == 4, let symbol = Symbol(String(words[0])), let lot = Double(decimal: String(words[1])), lot > 0,
      let notional = Double(decimal: String(words[2])), notional >= 0, let leverage = Int(words[3]),
      (1...125).contains(leverage)
    else { return nil }
    return (symbol.name, PaperRules.Market(lot: lot, minimumNotional: notional, maximumLeverage: leverage))
  }

  /// At most 1 MiB of the file.
  private static func text(_ path: String) throws(Fault) -> String {
    guard let file = fopen(path, "re") else { throw Fault(description: "cannot read '\(path)': \(reason())") }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = fread(&bytes, 1, bytes.count, file)
    guard ferror(file) == 0 else { throw Fault(description: "cannot read '\(path)': \(reason())") }
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }

  private static func reason() -> String {
    String(cString: strerror(errno))
  }

  private static let table = """
    BTCUSDT 0.001 5 125
    ETHUSDT 0.001 5 125
    BNBUSDT 0.01 5 75
    SOLUSDT 0.01 5 75
    XRPUSDT 0.1 5 75
    DOGEUSDT 1 5 75
    ADAUSDT 1 5 75
    TRXUSDT 1 5 75
    AVAXUSDT 0.1 5 50
    DOTUSDT 0.1 5 50
    LINKUSDT 0.01 5 50
    LTCUSDT 0.001 5 50
    BCHUSDT 0.001 5 50
    NEARUSDT 1 5 50
    ETCUSDT 0.01 5 50
    FILUSDT 0.1 5 50
    APTUSDT 0.1 5 50
    ARBUSDT 0.1 5 50
    OPUSDT 0.1 5 50
    ATOMUSDT 0.01 5 50
    UNIUSDT 0.1 5 50
    XLMUSDT 1 5 50
    AAVEUSDT 0.01 5 50
    SUIUSDT 0.1 5 50
    TONUSDT 0.1 5 50
    HYPEUSDT 0.01 5 50
    INJUSDT 0.1 5 50
    SEIUSDT 1 5 50
    TIAUSDT 0.1 5 50
    ICPUSDT 0.1 5 50
    HBARUSDT 1 5 50
    VETUSDT 1 5 50
    ALGOUSDT 0.1 5 50
    GRTUSDT 1 5 50
    LDOUSDT 1 5 50
    MKRUSDT 0.001 5 50
    RUNEUSDT 0.1 5 50
    STXUSDT 1 5 50
    IMXUSDT 1 5 50
    GALAUSDT 1 5 50
    SANDUSDT 1 5 50
    MANAUSDT 1 5 50
    DYDXUSDT 0.1 5 50
    CRVUSDT 0.1 5 50
    WLDUSDT 1 5 50
    ENAUSDT 1 5 50
    ORDIUSDT 0.1 5 50
    JUPUSDT 1 5 50
    WIFUSDT 0.1 5 50
    1000PEPEUSDT 1 5 50
    1000SHIBUSDT 1 5 50
    1000BONKUSDT 1 5 50
    1000FLOKIUSDT 1 5 50
    """
}
