import Testing

@testable import Trading

/// The table of docs/bus.md, row by row: what is read of an entry, and what becomes of it.
@Suite struct OrderMessageTests {
  @Test func aDecisionIsReadWhole() throws {
    let message = try Samples.read(Samples.decision)
    let intent = try #require(message.intent)
    #expect(intent.symbol.name == "BTCUSDT")
    #expect(intent.action == .buy)
    #expect(intent.confidence == 0.87)
    #expect(intent.entryPrice == 64250.5)
    #expect(intent.positionSizeUSD == 500)
    #expect(intent.leverage == 10)
    #expect(intent.stopLoss == 63000)
    #expect(intent.takeProfit == 67000.25)
    #expect(intent.timestamp.text == "2026-01-31T12:00:00.123456+00:00")
    #expect(message.traceID.text == "t-1")
    #expect(message.correlationID == "c")
  }

  @Test(arguments: ["payload", "data"])
  func theDataIsInAFieldOfTheEntryOrIsTheEntry(_ field: String) throws {
    let json = Samples.json(Samples.decision)
    let nested = try OrderMessage([(name: field, value: json)], as: .decision, entry: "1-0")
    let flat = try OrderMessage(
      Samples.decision.map { ($0.key, $0.value.filter { $0 != "\"" }) }, as: .decision, entry: "1-0")
    #expect(nested.intent != nil)
    #expect(nested.intent == flat.intent)
    #expect(nested.traceID == flat.traceID)
  }

  @Test(arguments: ["", "{", "[]", "null", "{\"symbol\": NaN}"])
  func aPayloadThatCannotBeReadNeverFallsBackToTheEntrysOwnFields(_ payload: String) {
    let flat = Samples.decision.map { (name: $0.key, value: $0.value.filter { $0 != "\"" }) }
    #expect(throws: MessageError.self) {
      try OrderMessage(flat + [(name: "payload", value: payload)], as: .decision, entry: "1-0")
    }
  }

  @Test(arguments: ["event_type", "correlation_id", "timestamp", "source", "trace_id"], [nil, ""] as [String?])
  func theRestOfTheEnvelopeIsOptional(_ field: String, _ value: String?) throws {
    let message = try OrderMessage(
      Samples.fields([field: value], payload: Samples.json(Samples.decision)), as: .decision, entry: "1-0")
    #expect(message.intent != nil)
  }

  @Test(arguments: [
    ("buy", Intent.Action.buy), ("BUY", .buy), ("Buy", .buy), ("long", .buy), ("LONG", .buy), ("sell", .sell),
    ("SELL", .sell), ("short", .sell), ("Short", .sell), ("close", .close), ("CLOSE", .close),
  ])
  func aSideIsReadInAllItsNames(_ name: String, _ action: Intent.Action) throws {
    let exits = ["stop_loss": "null", "take_profit": "null"]
    let base = Samples.decision.merging(exits) { $1 }
    #expect(try Samples.read(base.merging(["side": "\"\(name)\""]) { $1 }).intent?.action == action)
    var other = base.merging(["action": "\"\(name)\""]) { $1 }
    other["side"] = nil
    #expect(try Samples.read(other).intent?.action == action)
    other["side"] = "\"\(name.uppercased())\""
    #expect(try Samples.read(other).intent?.action == action)
  }

  @Test(arguments: ["hold", "HOLD", "Hold"], [OrderMessage.Kind.decision, .intent])
  func holdIsAnAnswer(_ name: String, _ kind: OrderMessage.Kind) throws {
    // Whatever else it says.
    let message = try Samples.read(["side": "\"\(name)\"", "symbol": "\"BTCUSDT\"", "quantity": "\"?\""], as: kind)
    #expect(message.content == .hold)
    #expect(LogLine.hold(message) == "HOLD | BTCUSDT | trace_id=t-1")
  }

  @Test(arguments: [
    ("LONG", "CLOSE", "LONG and CLOSE"), ("BUY", "SELL", ""), ("hold", "BUY", ""), ("SELL", "HOLD", ""),
  ])
  func aSideAndAnActionThatDisagreeAreRejected(_ side: String, _ action: String, _ text: String) throws {
    let message = try Samples.read(
      Samples.decision.merging(["side": "\"\(side)\"", "action": "\"\(action)\""]) { $1 })
    #expect(message.rejection?.hasPrefix("side and action disagree: ") == true)
  }

  @Test(
    arguments: [
      ("null", nil), ("\"None\"", nil), ("\"\"", nil), ("50000.5", 50000.5), ("\"50000.5\"", 50000.5),
      ("\"5e4\"", 50000), ("1.23e-05", 0.0000123), ("\"1.23e-05\"", 0.0000123),
    ] as [(String, Double?)])
  func aPriceIsANumberOrATextOrNothing(_ value: String, _ price: Double?) throws {
    let read = try Samples.read(
      Samples.decision.merging(["entry_price": value, "stop_loss": "null", "take_profit": value]) { $1 })
    guard case .order(let intent) = read.content else {
      // A target at the very price is on the wrong side.
      #expect(read.rejection?.hasPrefix("take_profit ") == true)
      return
    }
    #expect(intent.entryPrice == price)
    #expect(intent.takeProfit == price)
  }

  @Test(arguments: ["entry_price", "stop_loss", "take_profit", "leverage", "confidence", "model"])
  func aFieldThatIsAbsentIsNothing(_ field: String) throws {
    let intent = try #require(try Samples.read(Samples.decision.filter { $0.key != field }).intent)
    #expect((intent.entryPrice == nil) == (field == "entry_price"))
    #expect((intent.stopLoss == nil) == (field == "stop_loss"))
    #expect((intent.leverage == 1) == (field == "leverage"))
  }

  @Test(
    arguments: [
      (["position_size_usd": "70", "quantity": "500"], 70), (["position_size_usd": "0", "quantity": "500"], 500),
      (["position_size_usd": "null", "quantity": "\"500.0\""], 500), (["qty": "2", "quantity": "0"], 128501),
      (["position_size_usd": "\"7e1\"", "qty": "2"], 70),
    ] as [([String: String], Double)])
  func aSizeOfADecisionIsUSDOrUnits(_ changed: [String: String], _ size: Double) throws {
    #expect(try Samples.read(Samples.decision.merging(changed) { $1 }).intent?.positionSizeUSD == size)
  }

  @Test(
    arguments: [
      (["position_size_usd": "null"], "no size: position_size_usd is needed"),
      (["position_size_usd": "0"], "no size: position_size_usd is needed"),
      (["position_size_usd": "null", "quantity": "500"], "no size: quantity 500 may be units or USD; "),
      (["position_size_usd": "null", "size_pct": "0.1"], "no size: size_pct is a share, not an amount; "),
      (["position_size_usd": "null", "positionSizePercent": "0.1"], "no size: positionSizePercent is a share, "),
      (
        ["position_size_usd": "null", "qty": "3", "entry_price": "null"],
        "no size: qty 3 is in units, and there is no price"
      ),
      (["position_size_usd": "-5"], "out of range: position_size_usd is -5, should be above 0"),
      (["leverage": "126"], "out of range: leverage is 126, should be a whole number from 1 to 125"),
      (["leverage": "0"], "out of range: leverage is 0, should be a whole number from 1 to 125"),
      (["leverage": "2.5"], "out of range: leverage is 2.5, should be a whole number from 1 to 125"),
      (["confidence": "1.01"], "out of range: confidence is 1.01, should be from 0 to 1"),
      (["entry_price": "0"], "out of range: entry_price is 0, should be above 0"),
      (["entry_price": "-0.0000123"], "out of range: entry_price is -0.0000123, should be above 0"),
      (["stop_loss": "-1"], "out of range: stop_loss is -1, should be 0 or above"),
      (["stop_loss": "65000"], "stop_loss 65000 is not below the price 64250.5"),
      (["stop_loss": "64250.5"], "stop_loss 64250.5 is not below the price 64250.5"),
      (["take_profit": "64000"], "take_profit 64000 is not above the price 64250.5"),
      (["entry_price": "null", "stop_loss": "3", "take_profit": "2"], "stop_loss 3 is not below take_profit 2"),
      (["action": "\"SELL\"", "take_profit": "null"], "stop_loss 63000 is not above the price 64250.5"),
      (
        ["action": "\"SELL\"", "stop_loss": "70000", "take_profit": "65000"],
        "take_profit 65000 is not below the price 64250.5"
      ),
      (["reduceOnly": "true", "reduce_only": "false"], "reduce_only and reduceOnly disagree"),
    ] as [([String: String], String)])
  func whatCannotBeDoneIsRejectedWithAReason(_ changed: [String: String], _ reason: String) throws {
    let message = try Samples.read(Samples.intent.merging(changed) { $1 }, as: .intent)
    #expect(message.rejection?.hasPrefix(reason) == true, "\(message.content)")
  }

  @Test func theExitsOfALongMayComeWithTheSaleThatEndsIt() throws {
    #expect(try Samples.read(Samples.decision.merging(["side": "\"short\""]) { $1 }).intent?.action == .sell)
    #expect(
      try Samples.read(Samples.decision.merging(["side": "\"close\"", "stop_loss": "99999"]) { $1 }).intent != nil)
  }

  @Test(arguments: [
    ("reduceOnly", "true", true), ("reduceOnly", "\"True\"", true), ("reduceOnly", "\"false\"", false),
    ("reduce_only", "1", true), ("reduce_only", "null", false), ("intent_type", "\"REDUCE_ONLY\"", true),
  ])
  func reduceOnlyKeepsItsDirection(_ field: String, _ value: String, _ isReducing: Bool) throws {
    let intent = try #require(try Samples.read(Samples.decision.merging([field: value]) { $1 }).intent)
    #expect(intent.reduceOnly == isReducing)
    #expect(intent.action == .buy)
    #expect(intent.payload(source: "r").hasSuffix(isReducing ? ",\"reduce_only\":true}" : "\"source\":\"r\"}"))
  }

  @Test(arguments: [
    ("symbol", "\"btcusdt\"", "'btcusdt'"), ("symbol", "\"B\"", "'B'"), ("symbol", "\"BTC/USDT\"", "'BTC/USDT'"),
    ("symbol", "\"ABCDEFGHIJKLMNOPQ-USDT\"", "'ABCDEFGHIJKLMNOPQ-USDT'"), ("symbol", "7", "7"),
    ("side", "\"up\"", "'up'"), ("side", "1", "1"), ("entry_price", "1e999", "too large"),
    ("entry_price", "\"inf\"", "'inf'"), ("quantity", "\"nan\"", "'nan'"), ("quantity", "\"0x10\"", "'0x10'"),
    ("quantity", "\"1e999\"", "'1e999'"), ("quantity", "\"5 USD\"", "'5 USD'"), ("quantity", "true", "true"),
    ("leverage", "[1]", "an array or an object"), ("timestamp", "\"yesterday\"", "'yesterday'"),
    ("timestamp", "true", "true"), ("reduceOnly", "\"maybe\"", "'maybe'"),
  ])
  func whatCannotBeReadIsNamedWithWhatItIs(_ field: String, _ value: String, _ shown: String) {
    let error = #expect(throws: MessageError.self) {
      try Samples.read(Samples.decision.merging([field: value]) { $1 })
    }
    #expect(error?.reason.hasPrefix("field '\(field)' is \(shown), should be ") == true)
  }

  @Test(arguments: ["symbol", "side"])
  func aMissingFieldIsNamed(_ field: String) {
    let error = #expect(throws: MessageError.self) { try Samples.read(Samples.decision.filter { $0.key != field }) }
    #expect(error?.reason.hasPrefix("field '\(field)' is missing, should be ") == true)
  }

  @Test func theReasonStaysOnOneShortLine() throws {
    let text = String(repeating: "x", count: 500)
    let error = #expect(throws: MessageError.self) {
      try Samples.read(Samples.decision.merging(["symbol": "\"a\\nb\(text)\""]) { $1 })
    }
    let reason = try #require(error?.reason)
    #expect(!reason.contains("\n"))
    #expect(reason.count < 200)
  }

  @Test func anIntentFollowsFromADecision() throws {
    let intent = try #require(try Samples.read(Samples.decision).intent)
    #expect(
      intent.payload(source: "router")
        == #"{"symbol":"BTCUSDT","action":"BUY","confidence":0.87,"timestamp":"2026-01-31T12:00:00.123456+00:00","#
        + #""position_size_usd":500,"leverage":10,"entry_price":64250.5,"stop_loss":63000,"take_profit":67000.25,"#
        + #""source":"router"}"#)
    let again = try OrderMessage(
      [(name: "payload", value: intent.payload(source: "router"))], as: .intent, entry: "1-0")
    #expect(again.intent == intent)
  }

  @Test func whatTheDecisionLeavesOpenIsNullAndATimeIsISO() throws {
    let open = ["entry_price": "null", "stop_loss": "null", "take_profit": "null", "timestamp": "1769860800123"]
    let intent = try #require(try Samples.read(Samples.decision.merging(open) { $1 }).intent)
    let payload = intent.payload(source: "router")
    #expect(payload.contains(#""entry_price":null,"stop_loss":null,"take_profit":null"#))
    #expect(payload.contains(#""timestamp":"2026-01-31T12:00:00.123000+00:00""#))
  }
}

/// What is a repetition, and how it is told.
@Suite struct OrderIdentityTests {
  @Test func theDigestCoversWhatIsReadHoweverItIsWritten() throws {
    let one = try Samples.read(Samples.decision, trace: "")
    let other = Samples.decision.merging([
      "model": "\"another\"", "quantity": "\"500.0\"", "side": "\"LONG\"", "leverage": "1e1", "extra": "[1]",
      "timestamp": "\"2026-01-31 13:00:00.123456+01:00\"",
    ]) { $1 }
    #expect(try Samples.read(other, trace: nil).traceID == one.traceID)
    #expect(one.traceID.text.hasPrefix("sha256-"))
  }

  @Test(arguments: [
    ("symbol", "\"ETHUSDT\""), ("side", "\"close\""), ("quantity", "501"), ("entry_price", "64250"),
    ("stop_loss", "null"), ("take_profit", "70000"), ("leverage", "9"), ("timestamp", "\"2026-01-31T12:00:00.123457\""),
    ("confidence", "0.5"), ("reduceOnly", "true"),
  ])
  func everyFieldThatIsReadTellsOneFromAnother(_ field: String, _ value: String) throws {
    let one = try Samples.read(Samples.decision, trace: "None")
    let other = try Samples.read(Samples.decision.merging([field: value]) { $1 }, trace: "None")
    #expect(one.traceID != other.traceID)
    #expect(one.summary.difference(from: one.summary).isEmpty)
    #expect(other.summary.difference(from: one.summary).contains(" was "))
  }

  @Test func whatExecutionKeepsFitsAHashThatRedisStoresCompactly() throws {
    let one = try Samples.read(Samples.decision)
    #expect(one.summary.text == "BUY BTCUSDT 500 64250.5 63000 67000.25 10 1769860800.123456 0.87")
    #expect(one.summary.order == "BUY BTCUSDT 500 64250.5 63000 67000.25 10 1769860800.123456")
    #expect(one.summary.order.utf8.count <= 64)
    // Without a confidence nothing of it is known.
    let surer = try Samples.read(Samples.decision.merging(["confidence": "0.9"]) { $1 })
    #expect(surer.summary.difference(from: OrderSummary(text: one.summary.order)).isEmpty)
    let later = try Samples.read(Samples.decision.merging(["timestamp": "1769860801"]) { $1 })
    #expect(
      later.summary.difference(from: OrderSummary(text: one.summary.order))
        == "timestamp was 2026-01-31T12:00:00.123456+00:00, is 2026-01-31T12:00:01.000000+00:00")
  }

  @Test func aDifferenceNamesBothValues() throws {
    let one = try Samples.read(Samples.decision)
    let other = try Samples.read(Samples.decision.merging(["quantity": "600", "leverage": "5"]) { $1 })
    #expect(other.summary.difference(from: one.summary) == "position_size_usd was 500, is 600; leverage was 10, is 5")
  }

  @Test(arguments: [nil, "", "None"] as [String?])
  func withoutATraceAndATimestampARepetitionCouldNotBeTold(_ trace: String?) throws {
    let timeless = Samples.intent.filter { $0.key != "timestamp" }
    let message = try Samples.read(timeless, trace: trace, as: .intent)
    #expect(message.rejection == "no timestamp and no trace_id: a repetition could not be told from a new order")
    #expect(try Samples.read(timeless, trace: trace, as: .intent).traceID == message.traceID)
    let traced = try Samples.read(
      timeless, trace: "t", as: .intent, entry: "1769860800123-7", changed: ["timestamp": nil])
    #expect(traced.intent?.timestamp.text == "2026-01-31T12:00:00.123000+00:00")
  }

  @Test(arguments: [
    ("\"2026-01-31T12:00:00.5Z\"", "\"2026-01-31T13:00:00.500+01:00\""), ("1769860800.5", "\"1769860800500\""),
    ("\"2026-01-31 12:00:00.5\"", "\"2026-01-31T12:00:00.5\""),
  ])
  func layerTwoHasOneKeyForAllWordsOfAMoment(_ one: String, _ other: String) throws {
    let keys = try [one, other].map { text in
      let message = try Samples.read(Samples.intent.merging(["timestamp": text]) { $1 }, as: .intent)
      return Names.Key.orders(try #require(message.intent), of: message.traceID, isProbe: false)
    }
    #expect(keys[0].own != keys[1].own)
    #expect(keys[0].shared == keys[1].shared)
    #expect(keys[0].other == keys[1].other)
    #expect(keys[0].shared != keys[0].other)
  }
}
