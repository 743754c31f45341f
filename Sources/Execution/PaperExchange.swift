package import EventBus
package import Redis
package import Trading

/// An exchange that trades on paper: it fills every order that its rules and its book allow, whole, and charges a fee. The
/// price is the intent's own; a market order has that of the last trade in its symbol.
///
/// Its book is in Redis, so a restart changes nothing: a hash with the balance and for each symbol the net position and the
/// last price, and a hash for each order whose end is not recorded yet. An order and its effect on the book are one
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

  package func submit(
    _ intent: Intent, as clientOrderID: String, before deadline: Deadline
  ) throws(ExchangeError) -> ExchangeOrder {
    let reply = try answer { connection throws(RedisError) in
      // One process trades on the book, so the last price is still the last when the order is made.
      let last = try connection.call(["HGET", Self.bookKey, "last:\(intent.symbol)"]).string.flatMap { Double($0) }
      return try connection.run(
        Self.submitScript, keys: [Self.bookKey, Self.orderKey(clientOrderID)] + forgotten,
        arguments: Self.arguments(for: intent, at: intent.entryPrice ?? last, under: rules) + [deadline.description])
    }
    forgotten = []
    guard let order = try Self.order(reply) else { throw ExchangeError("no order came of '\(clientOrderID)'") }
    return order
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

extension PaperExchange {
  /// How long an order can be looked up, in seconds: longer than an intent can be pending.
  private static let orderLifetime = 30 * 86_400

  /// - Parameter price: nil where a market order meets no market.
  private static func arguments(for intent: Intent, at price: Double?, under rules: PaperRules) -> [String] {
    let lots: Int
    let lot: Double
    let rejection: String
    switch rules.judge(intent, at: price) {
    case .accepted(let count, let market): (lots, lot, rejection) = (count, market.lot, "")
    case .rejected(let reason): (lots, lot, rejection) = (0, 0, reason)
    }
    let action =
      intent.reduceOnly && intent.action != .close ? "REDUCE " + intent.action.rawValue : intent.action.rawValue
    return [
      intent.symbol.name, action, String(lots), lot.plainText, (price ?? 0).plainText, String(intent.leverage),
      String(rules.feeRate), String(rules.openingBalance), String(orderLifetime), rejection,
    ]
  }

  /// `isTooLate(deadline)`, by the server's clock.
  private static let clock = """
    local function isTooLate(deadline)
      local time = redis.call('TIME')
      return time[1] * 1000 + math.floor(time[2] / 1000) >= tonumber(deadline)
    end

    """

  /// KEYS: order. ARGV: deadline. An order that is not there and can still come is not known to be none.
  static let lookUpScript = Script(
    name: "paper look up",
    source: clock + """
      local order = redis.call('HMGET', KEYS[1], \(orderFields.map { "'\($0)'" }.joined(separator: ", ")))
      if not order[1] and not isTooLate(ARGV[1]) then
        return redis.error_reply('UNSURE an order that was sent may still come, until ' .. ARGV[1])
      end
      return order
      """)

  /// KEYS: book, order, and orders to remove. ARGV: symbol, action, lots, lot, price, leverage, fee rate, opening balance,
  /// seconds, rejection, deadline.
  ///
  /// The book's fields: `balance` in USD, `orders` counted, and for each symbol `last:` (price), `lots:` (signed), `price:`
  /// (average) and `margin:`. Lots are whole numbers, so that positions add up. The reads come first: they are what fails, before
  /// anything is written, when a key is of another type.
  static let submitScript = Script(
    name: "paper order",
    source: clock + """
      if #KEYS > 2 then redis.call('DEL', unpack(KEYS, 3)) end
      local fields = {'order_id', 'status', 'reason', 'quantity', 'price', 'fee'}
      local known = redis.call('HMGET', KEYS[2], unpack(fields))
      if known[1] then return known end
      if isTooLate(ARGV[11]) then return redis.error_reply('LATE the order came after its deadline ' .. ARGV[11]) end
      local symbol, action, wanted = ARGV[1], ARGV[2], tonumber(ARGV[3])
      local lot, price, leverage = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
      local book = redis.call('HMGET', KEYS[1], 'balance', 'lots:' .. symbol, 'price:' .. symbol, 'margin:' .. symbol)
      local balance = tonumber(book[1] or ARGV[8])
      local held, average, margin = tonumber(book[2] or 0), tonumber(book[3] or 0), tonumber(book[4] or 0)

      local function finish(status, reason, quantity, fee)
        local id = 'paper-' .. redis.call('HINCRBY', KEYS[1], 'orders', 1)
        local order = {id, status, reason, quantity, status == 'filled' and ARGV[5] or '0', fee}
        local write = {}
        for i, name in ipairs(fields) do
          write[#write + 1] = name
          write[#write + 1] = order[i]
        end
        redis.call('HSET', KEYS[2], 'symbol', symbol, 'action', action, unpack(write))
        redis.call('EXPIRE', KEYS[2], ARGV[9])
        return order
      end

      if ARGV[10] ~= '' then return finish('rejected', ARGV[10], '0', '0') end
      local change = (action == 'SELL' or action == 'REDUCE SELL') and -wanted or wanted
      if action == 'CLOSE' or action == 'REDUCE SELL' or action == 'REDUCE BUY' then
        local kind = action == 'REDUCE SELL' and 'long ' or action == 'REDUCE BUY' and 'short ' or ''
        if held == 0 or (kind == 'long ' and held < 0) or (kind == 'short ' and held > 0) then
          return finish('rejected', 'reduce only: no ' .. kind .. 'position in ' .. symbol .. ' to close', '0', '0')
        end
        change = math.min(wanted, math.abs(held))
        if held > 0 then change = -change end
      end
      local closing = 0
      if held * change < 0 then closing = math.min(math.abs(held), math.abs(change)) end
      local opening = math.abs(change) - closing
      local fee = math.abs(change) * lot * price * tonumber(ARGV[7])
      local released, gain = 0, 0
      if closing > 0 then
        released = margin * closing / math.abs(held)
        gain = closing * lot * (price - average) * (held > 0 and 1 or -1)
      end
      local needed = opening * lot * price / leverage
      local left = balance + released + gain - needed - fee
      if opening > 0 and left < 0 then
        local text = 'insufficient balance: %.2f USD are needed, %.2f are free'
        return finish('rejected', string.format(text, needed + fee, balance + released + gain), '0', '0')
      end

      held = held + change
      redis.call('HSET', KEYS[1], 'balance', string.format('%.8f', left), 'last:' .. symbol, ARGV[5])
      if held == 0 then
        redis.call('HDEL', KEYS[1], 'lots:' .. symbol, 'price:' .. symbol, 'margin:' .. symbol)
      else
        if opening == math.abs(held) then
          average = price
        elseif opening > 0 then
          average = (average * (math.abs(held) - opening) + price * opening) / math.abs(held)
        end
        redis.call('HSET', KEYS[1], 'lots:' .. symbol, string.format('%.0f', held),
          'price:' .. symbol, string.format('%.17g', average),
          'margin:' .. symbol, string.format('%.8f', margin - released + needed))
      end
      return finish('filled', '', string.format('%.12g', math.abs(change) * lot), string.format('%.8f', fee))
      """)
}
