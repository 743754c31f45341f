package import EventBus
package import Redis
package import Trading

/// An exchange that trades on paper: it fills every order that its rules and its book allow, whole, and charges a fee. The
/// price is the intent's own; a market order has that of the last trade in its symbol.
///
/// Its book is in Redis, so a restart changes nothing: a hash with the balance and for each symbol the net position and the
/// last price, and a hash for each order whose end is not recorded yet. Orders and their effects on the book are one
/// script, which does nothing for an id that it knows.
package final class PaperExchange: Exchange {
  private let rules: PaperRules
  private let endpoint: Endpoint
  private let options: Connection.Options
  /// Its own: the exchange is another party, whichever way the bus goes.
  private var connection: Connection?
  /// The keys of orders that nobody will ask for any more. They are removed with the next order over the same connection.
  private var forgotten: [String] = []

  /// The most keys that are removed at once. Beyond that they are left to expire.
  private static let most = 1000

  package init(at endpoint: Endpoint, rules: PaperRules, options: Connection.Options = .init()) {
    self.endpoint = endpoint
    self.rules = rules
    self.options = options
  }

  /// Its orders are in the same Redis as the intents and go back with them.
  package var isIdempotent: Bool { true }

  /// The key of the book.
  package static let bookKey = "quantum:paper:book"

  /// What it needs of its Redis.
  package static var needs: Requirements {
    Requirements(keys: [orderKey("-")], scripts: [lookUpScript, submitScript])
  }

  /// The key of an order.
  package static func orderKey(_ clientOrderID: String) -> String {
    "quantum:paper:order:" + clientOrderID
  }

  package var takesBatches: Bool { true }

  package func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    guard let answer = submit([OrderToMake(intent, as: clientOrderID, before: deadline)]).first else {
      throw ExchangeError("no order came of '\(clientOrderID)'")
    }
    return try answer.get()
  }

  package func submit(_ orders: [OrderToMake]) -> [Result<ExchangeOrder, ExchangeError>] {
    var answers: [Result<ExchangeOrder, ExchangeError>] = []
    var left = orders[...]
    while !left.isEmpty {
      let portion = left.prefix(Self.portion(of: left))
      left = left.dropFirst(portion.count)
      do {
        answers += try make(portion)
      } catch {
        return answers + [.failure(error)]
      }
      if case .failure = answers.last { return answers }
    }
    return answers
  }

  /// How many of the orders can be sent at once: up to a market order whose price a limit order before it may change.
  private static func portion(of orders: ArraySlice<OrderToMake>) -> Int {
    var moved: Set<Symbol> = []
    for (count, order) in orders.enumerated() {
      if order.intent.entryPrice != nil {
        moved.insert(order.intent.symbol)
      } else if moved.contains(order.intent.symbol) {
        return count
      }
    }
    return orders.count
  }

  private func make(
    _ orders: ArraySlice<OrderToMake>
  ) throws(ExchangeError) -> [Result<ExchangeOrder, ExchangeError>] {
    let reply = try answer { connection throws(RedisError) in
      // One process trades on the book, so the last prices are still the last when the orders are made.
      let last = try lastPrices(
        of: Set(orders.filter { $0.intent.entryPrice == nil }.map(\.intent.symbol)), on: connection)
      var arguments = [
        String(orders.count), String(rules.feeRate), String(rules.openingBalance), String(Self.orderLifetime),
      ]
      for order in orders {
        arguments += Self.arguments(
          for: order.intent, at: order.intent.entryPrice ?? last[order.intent.symbol], under: rules)
        arguments.append(order.deadline.description)
      }
      return try connection.run(
        Self.submitScript, keys: [Self.bookKey] + orders.map { Self.orderKey($0.clientOrderID) } + forgotten,
        arguments: arguments)
    }
    forgotten = []
    guard let answers = reply.array, !answers.isEmpty else { throw ExchangeError("the book answered \(reply.kind)") }
    return zip(orders, answers).map { Self.made($0, $1) }
  }

  private static func made(_ order: OrderToMake, _ answer: Reply) -> Result<ExchangeOrder, ExchangeError> {
    do throws(ExchangeError) {
      if case .error(let error) = answer { throw ExchangeError(RedisError.server(error).description) }
      guard let made = try Self.order(answer) else {
        throw ExchangeError("no order came of '\(order.clientOrderID)'")
      }
      return .success(made)
    } catch {
      return .failure(error)
    }
  }

  private func lastPrices(
    of symbols: Set<Symbol>, on connection: Connection
  ) throws(RedisError) -> [Symbol: Double] {
    var prices: [Symbol: Double] = [:]
    for symbol in symbols {
      prices[symbol] = try connection.call(["HGET", Self.bookKey, "last:\(symbol)"]).string.flatMap { Double($0) }
    }
    return prices
  }

  package func lookUp(
    _ clientOrderID: String, sentBefore deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder? {
    let reply = try answer { connection throws(RedisError) in
      try connection.run(
        Self.lookUpScript, keys: [Self.orderKey(clientOrderID)], arguments: [deadline.description])
    }
    return try Self.order(reply)
  }

  package func forget(_ clientOrderID: String) {
    if forgotten.count < Self.most { forgotten.append(Self.orderKey(clientOrderID)) }
  }

  private func answer(_ question: (Connection) throws(RedisError) -> Reply) throws(ExchangeError) -> Reply {
    do throws(RedisError) {
      return try question(try open())
    } catch {
      throw ExchangeError(error.description)
    }
  }

  private func open() throws(RedisError) -> Connection {
    if let connection, connection.isOpen { return connection }
    let fresh = try Connection(to: endpoint, options: options)
    // This Redis may have gone back to a moment at which the ends were not recorded.
    forgotten = []
    connection = fresh
    return fresh
  }

  static let orderFields = ["order_id", "status", "reason", "quantity", "price", "fee"]

  /// Reads the fields of an order; nil when there is none.
  private static func order(_ reply: Reply) throws(ExchangeError) -> ExchangeOrder? {
    guard let fields = reply.array, fields.count == orderFields.count else {
      throw ExchangeError("the book answered \(reply.kind)")
    }
    guard let id = fields[0].string else { return nil }
    switch fields[1].string {
    case "filled":
      let fee = fields[5].string.flatMap(Double.init) ?? 0
      return ExchangeOrder(
        id: id,
        state: .filled(
          quantity: fields[3].string.flatMap(Double.init), averagePrice: fields[4].string.flatMap(Double.init),
          feeUSD: fee))
    case "rejected": return ExchangeOrder(id: id, state: .rejected(reason: fields[2].string ?? ""))
    default: throw ExchangeError("the book has order '\(id)' in the state '\(fields[1].string ?? "")'")
    }
  }
}
