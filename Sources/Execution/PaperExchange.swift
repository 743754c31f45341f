public import EventBus
public import Redis
public import Trading

/// An exchange that trades on paper: it fills every order that its rules and its book allow, whole, at the intent's own
/// price, and charges a fee.
///
/// Its book is in Redis, so a restart changes nothing: a hash with the balance and the net position of each symbol, and a
/// hash for each order. An order and its effect on the book are one script, which does nothing for an id that it knows.
public final class PaperExchange: Exchange {
  private let rules: PaperRules
  private let endpoint: Endpoint
  private let options: Connection.Options
  /// Its own: the exchange is another party, whichever way the bus goes.
  private var connection: Connection?

  public init(at endpoint: Endpoint, rules: PaperRules, options: Connection.Options = .init()) {
    self.endpoint = endpoint
    self.rules = rules
    self.options = options
  }

  /// Its orders are in the same Redis as the intents and go back with them.
  public var isIdempotent: Bool { true }

  /// The key of the book.
  public static let bookKey = "quantum:paper:book"

  /// The key of an order.
  public static func orderKey(_ clientOrderID: String) -> String {
    "quantum:paper:order:" + clientOrderID
  }

  public func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    let reply = try answer { [rules] connection throws(RedisError) in
      try connection.run(
        Self.submitScript, keys: [Self.bookKey, Self.orderKey(clientOrderID)],
        arguments: Self.arguments(for: intent, under: rules) + [deadline.description])
    }
    guard let order = try Self.order(reply) else { throw ExchangeError("no order came of '\(clientOrderID)'") }
    return order
  }

  public func lookUp(
    _ clientOrderID: String, sentBefore deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder? {
    let reply = try answer { connection throws(RedisError) in
      try connection.run(
        Self.lookUpScript, keys: [Self.orderKey(clientOrderID)], arguments: [deadline.description])
    }
    return try Self.order(reply)
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
