/// A consumer of intents as its users have one: redis-py, one order at a time. It leaves what execution leaves: a record on
/// the disk of what it begins, a claim that keeps a twin out, the order in the book of a paper exchange, a terminal state that
/// stays, and a result.
enum PythonExecution {
  static let source = #"""
    import datetime, json, os, sys
    import redis

    INTENTS, RESULTS = "quantum:stream:trade.intent", "quantum:stream:execution.result"
    GROUP = "quantum:group:execution:trade.intent"
    server = redis.Redis(port=int(sys.argv[1]), decode_responses=True)
    record = open(sys.argv[3] + "/orders", "a")


    def execute(entry, fields):
        intent, trace = json.loads(fields["payload"]), fields["trace_id"]
        state = "quantum:state:order:" + trace
        if not server.set("quantum:dedup:order:" + intent["symbol"] + "_" + intent["timestamp"], trace, nx=True, ex=86400):
            server.xack(INTENTS, GROUP, entry)
            return
        quantity = round(intent["position_size_usd"] * intent["leverage"] / intent["entry_price"], 3)
        fee = quantity * intent["entry_price"] * 0.0004
        sign = 1 if intent["action"] == "BUY" else -1
        with server.pipeline(transaction=True) as order:
            order.hset("quantum:paper:order:" + trace, mapping={"status": "filled", "quantity": quantity, "fee": fee})
            order.hincrbyfloat("quantum:paper:book", "balance", -fee)
            order.hincrbyfloat("quantum:paper:book", "lots:" + intent["symbol"], sign * quantity)
            order.execute()
        result = {
            "symbol": intent["symbol"], "action": intent["action"], "status": "filled", "reason": "", "order_id": trace,
            "client_order_id": trace, "filled_quantity": quantity, "average_price": intent["entry_price"],
            "fee_usd": fee, "timestamp": datetime.datetime.utcnow().isoformat()}
        with server.pipeline(transaction=True) as end:
            end.xadd(RESULTS, {
                "event_type": "execution.result", "payload": json.dumps(result), "trace_id": trace,
                "correlation_id": fields["correlation_id"], "timestamp": result["timestamp"], "source": "execution"})
            end.hset(state, mapping={"terminal": "FILLED", "order": intent["action"]})
            end.expire(state, 30 * 86400)
            end.delete("quantum:paper:order:" + trace)
            end.xack(INTENTS, GROUP, entry)
            end.execute()


    left = int(sys.argv[2])
    while left > 0:
        for _, entries in server.xreadgroup(GROUP, "python", {INTENTS: ">"}, count=10, block=1000) or []:
            for _, fields in entries:
                record.write(fields["trace_id"] + "\n")
            record.flush()
            os.fdatasync(record.fileno())
            for entry, fields in entries:
                execute(entry, fields)
                left -= 1

    """#
}
