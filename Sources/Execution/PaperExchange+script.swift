internal import Redis
internal import Trading

extension PaperExchange {
  /// How long an order can be looked up, in seconds: longer than an intent can be pending.
  private static let orderLifetime = 30 * 86_400

  static func arguments(for intent: Intent, under rules: PaperRules) -> [String] {
    let lots: Int
    let lot: Double
    let rejection: String
    switch rules.judge(intent) {
    case .accepted(let count, let market): (lots, lot, rejection) = (count, market.lot, "")
    case .rejected(let reason): (lots, lot, rejection) = (0, 0, reason)
    }
    return [
      intent.symbol.name, intent.action.rawValue, String(lots), String(lot), String(intent.entryPrice),
      String(intent.leverage), String(rules.feeRate), String(rules.openingBalance), String(orderLifetime), rejection,
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

  /// KEYS: book, order. ARGV: symbol, action, lots, lot, price, leverage, fee rate, opening balance, seconds, rejection,
  /// deadline.
  ///
  /// The book's fields: `balance` in USD, `orders` counted, and for each symbol `lots:` (signed), `price:` (average) and
  /// `margin:`. Lots are whole numbers, so that positions add up. The reads come first: they are what fails, before
  /// anything is written, when a key is of another type.
  static let submitScript = Script(
    name: "paper order",
    source: clock + """
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
      local change = action == 'SELL' and -wanted or wanted
      if action == 'CLOSE' then
        if held == 0 then return finish('rejected', 'reduce only: no position in ' .. symbol .. ' to close', '0', '0') end
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
      redis.call('HSET', KEYS[1], 'balance', string.format('%.8f', left))
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
