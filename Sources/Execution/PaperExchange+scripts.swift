internal import EventBus
internal import Redis
internal import Trading

extension PaperExchange {
  /// How long an order can be looked up, in seconds: longer than an intent can be pending.
  static let orderLifetime = 30 * 86_400

  /// - Parameter price: nil where a market order meets no market.
  static func arguments(for intent: Intent, at price: Double?, under rules: PaperRules) -> [String] {
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
      rejection,
    ]
  }

  /// `milliseconds()` since 1970, by the server's clock.
  private static let clock = """
    local function milliseconds()
      local time = redis.call('TIME')
      return time[1] * 1000 + math.floor(time[2] / 1000)
    end

    """

  /// KEYS: order. ARGV: deadline. An order that is not there and can still come is not known to be none.
  static let lookUpScript = Script(
    name: "paper look up",
    source: clock + """
      local order = redis.call('HMGET', KEYS[1], \(orderFields.map { "'\($0)'" }.joined(separator: ", ")))
      if not order[1] and milliseconds() < tonumber(ARGV[1]) then
        return redis.error_reply('UNSURE an order that was sent may still come, until ' .. ARGV[1])
      end
      return order
      """)

  /// KEYS: book, the orders, and orders to remove. ARGV: number of orders, fee rate, opening balance, seconds of an order,
  /// then for each order symbol, action, lots, lot, price, leverage, rejection, deadline. Answers with the fields of each
  /// order, up to the first that is not made, whose error is the last answer.
  ///
  /// The book's fields: `balance` in USD, `orders` counted, and for each symbol `last:` (price), `lots:` (signed), `price:`
  /// (average) and `margin:`. Lots are whole numbers, so that positions add up. The reads come first: they are what fails, before
  /// anything of an order is written, when a key is of another type.
  static let submitScript = Script(
    name: "paper order",
    source: clock + """
      local count = tonumber(ARGV[1])
      if #KEYS > count + 1 then redis.call('DEL', unpack(KEYS, count + 2)) end
      local now = milliseconds()

      local function make(key, symbol, action, lots, lot_text, price_text, leverage, rejection, deadline)
        local known = redis.pcall('HMGET', key, \(orderFields.map { "'\($0)'" }.joined(separator: ", ")))
        if known.err or known[1] then return known end
        if now >= tonumber(deadline) then
          return redis.error_reply('LATE the order came after its deadline ' .. deadline)
        end
        local wanted, lot, price = tonumber(lots), tonumber(lot_text), tonumber(price_text)
        local book = redis.call('HMGET', KEYS[1], 'balance', 'lots:' .. symbol, 'price:' .. symbol, 'margin:' .. symbol,
          'orders')
        local balance = tonumber(book[1] or ARGV[3])
        local held, average, margin = tonumber(book[2] or 0), tonumber(book[3] or 0), tonumber(book[4] or 0)

        local function finish(status, reason, quantity, fee, ...)
          local number = string.format('%.0f', tonumber(book[5] or 0) + 1)
          local id, made_at = 'paper-' .. number, status == 'filled' and price_text or '0'
          redis.call('HSET', KEYS[1], 'orders', number, ...)
          redis.call('HSET', key, 'symbol', symbol, 'action', action, 'order_id', id, 'status', status, 'reason', reason,
            'quantity', quantity, 'price', made_at, 'fee', fee)
          redis.call('EXPIRE', key, ARGV[4])
          return {id, status, reason, quantity, made_at, fee}
        end

        if rejection ~= '' then return finish('rejected', rejection, '0', '0') end
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
        local fee = math.abs(change) * lot * price * tonumber(ARGV[2])
        local released, gain = 0, 0
        if closing > 0 then
          released = margin * closing / math.abs(held)
          gain = closing * lot * (price - average) * (held > 0 and 1 or -1)
        end
        local needed = opening * lot * price / tonumber(leverage)
        local left = balance + released + gain - needed - fee
        if opening > 0 and left < 0 then
          local text = 'insufficient balance: %.2f USD are needed, %.2f are free'
          return finish('rejected', string.format(text, needed + fee, balance + released + gain), '0', '0')
        end

        held = held + change
        local quantity, cost = string.format('%.12g', math.abs(change) * lot), string.format('%.8f', fee)
        local left_text = string.format('%.8f', left)
        if held == 0 then
          redis.call('HDEL', KEYS[1], 'lots:' .. symbol, 'price:' .. symbol, 'margin:' .. symbol)
          return finish('filled', '', quantity, cost, 'balance', left_text, 'last:' .. symbol, price_text)
        end
        if opening == math.abs(held) then
          average = price
        elseif opening > 0 then
          average = (average * (math.abs(held) - opening) + price * opening) / math.abs(held)
        end
        return finish('filled', '', quantity, cost, 'balance', left_text, 'last:' .. symbol, price_text,
          'lots:' .. symbol, string.format('%.0f', held), 'price:' .. symbol, string.format('%.17g', average),
          'margin:' .. symbol, string.format('%.8f', margin - released + needed))
      end

      local answers = {}
      for i = 1, count do
        answers[i] = make(KEYS[i + 1], unpack(ARGV, 8 * i - 3, 8 * i + 4))
        if answers[i].err then break end
      end
      return answers
      """)
}
