import TestSupport
import Testing
import Trading

/// A program in another language, with a Redis client of its own, that knows the contract and nothing else.
@Suite(.timeLimit(.minutes(2))) struct OutsideClientTests {
  @Test func itPublishesDecisionsAndReadsIntentsAndResultsAsTheContractHasThem() async throws {
    try await Pipeline.with { pipeline in
      let script = try pipeline.folder.write(Self.source, to: "outside.py")
      let services = try [Pipeline.router, Pipeline.execution].map { try pipeline.start($0) }
      let output = pipeline.folder["output"]
      let client = try ChildProcess("/usr/bin/python3", [script, pipeline.redisSocket], output: output)
      try await eventually("it has seen all", within: .seconds(40)) { client.poll() != nil }
      let said = try pipeline.folder.read("output")
      #expect(client.end == .exited(0), "\(said)")
      #expect(said.contains("as the contract has it"))
      for service in services { #expect(pipeline.stop(service) == .exited(0)) }
    }
  }

  private static let source = #"""
    import datetime, json, re, sys, time
    import redis

    DECISIONS, INTENTS = "quantum:stream:ai.decision.made", "quantum:stream:trade.intent"
    RESULTS = "quantum:stream:execution.result"
    ENVELOPE = ["event_type", "payload", "trace_id", "correlation_id", "timestamp", "source"]
    server = redis.Redis(unix_socket_path=sys.argv[1], decode_responses=True)
    now = datetime.datetime.utcnow()


    def publish(number, trace):
        moment = (now + datetime.timedelta(microseconds=number)).isoformat()
        payload = json.dumps({
            "symbol": "BTCUSDT", "side": "sell" if number % 2 else "buy", "confidence": 0.75, "entry_price": 64250.5,
            "quantity": 500.0, "leverage": 10.0, "stop_loss": 63000, "take_profit": 67000.25, "timestamp": moment,
            "model": "xgb-é\n\"quoted\""})
        server.xadd(DECISIONS, {
            "event_type": "ai.decision.made", "payload": payload, "trace_id": trace, "correlation_id": f"c-{number}",
            "timestamp": moment, "source": "ai-engine"})
        return moment


    def read(stream, count):
        found, deadline = [], time.time() + 20
        while len(found) < count and time.time() < deadline:
            for _, entries in server.xreadgroup("outside", "me", {stream: ">"}, count=100, block=100) or []:
                found += [fields for _, fields in entries]
                server.xack(stream, "outside", *[entry for entry, _ in entries])
        time.sleep(0.3)
        assert not server.xreadgroup("outside", "me", {stream: ">"}), "one more came late"
        assert len(found) == count, f"{len(found)} entries in {stream}, not {count}"
        return found


    for stream in (INTENTS, RESULTS):
        server.xgroup_create(stream, "outside", id="0", mkstream=True)
    # Named ones, one of them three times; and the empty ones of the existing producer, one of them twice.
    moments = {f"t-{number}": publish(number, f"t-{number}") for number in range(10)}
    for _ in range(2):
        publish(3, "t-3")
    anonymous = [publish(number, "") for number in range(10, 15)]
    publish(12, "")

    intents, results = read(INTENTS, 15), read(RESULTS, 15)
    assert sorted(f["trace_id"] for f in intents) == sorted(f["trace_id"] for f in results)
    for fields in intents:
        assert list(fields) == ENVELOPE, fields
        assert fields["event_type"] == "trade.intent" and fields["source"] == "quantum-ai-strategy-router"
        assert re.fullmatch(r"c-\d+", fields["correlation_id"])
        trace, payload = fields["trace_id"], json.loads(fields["payload"])
        assert list(payload) == [
            "symbol", "action", "confidence", "timestamp", "position_size_usd", "leverage", "entry_price", "stop_loss",
            "take_profit", "source"], payload
        assert re.fullmatch(r"[A-Z]{3,10}USDT", payload["symbol"]) and payload["action"] in ("BUY", "SELL")
        assert (payload["position_size_usd"], payload["leverage"], payload["entry_price"]) == (500, 10, 64250.5)
        assert (payload["confidence"], payload["stop_loss"], payload["take_profit"]) == (0.75, 63000, 67000.25)
        assert payload["timestamp"] == moments[trace] if trace in moments else payload["timestamp"] in anonymous
        key = server.get(f"quantum:dedup:trade_intent:{trace}")
        assert re.match(r"\d+-\d+ ", key), key
        assert 86000 < server.ttl(f"quantum:dedup:trade_intent:{trace}") <= 86400
        assert server.get(f"quantum:dedup:order:{payload['symbol']}_{payload['timestamp']}") == trace
    for fields in results:
        assert list(fields) == ENVELOPE and fields["event_type"] == "execution.result", fields
        payload = json.loads(fields["payload"])
        assert list(payload) == [
            "symbol", "action", "status", "reason", "order_id", "client_order_id", "filled_quantity", "average_price",
            "fee_usd", "timestamp"], payload
        assert payload["status"] == "filled" and payload["filled_quantity"] > 0 and payload["average_price"] > 0
        assert payload["reason"] == "" and payload["order_id"] and payload["client_order_id"]
        datetime.datetime.fromisoformat(payload["timestamp"])
    assert server.exists("quantum:stream:dead.letter") == 0
    print("as the contract has it")

    """#
}
