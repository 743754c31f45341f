/// A router as its users have one: redis-py under asyncio, one message at a time.
enum PythonRouter {
  static let source = #"""
    import asyncio, datetime, json, sys
    import redis.asyncio

    DECISIONS, INTENTS = "quantum:stream:ai.decision.made", "quantum:stream:trade.intent"
    GROUP = "quantum:group:router:ai.decision.made"
    server = redis.asyncio.Redis(port=int(sys.argv[1]), decode_responses=True)


    async def route(fields):
        decision = json.loads(fields["payload"])
        intent = {
            "symbol": decision["symbol"], "action": decision["side"].upper(), "confidence": decision["confidence"],
            "timestamp": decision["timestamp"], "position_size_usd": decision["quantity"],
            "leverage": decision["leverage"], "entry_price": decision["entry_price"],
            "stop_loss": decision["stop_loss"], "take_profit": decision["take_profit"], "source": "router",
        }
        if not await server.set("quantum:dedup:trade_intent:" + fields["trace_id"], "1", nx=True, ex=86400):
            return
        await server.xadd(INTENTS, {
            "event_type": "trade.intent", "payload": json.dumps(intent), "trace_id": fields["trace_id"],
            "correlation_id": fields["correlation_id"], "timestamp": datetime.datetime.utcnow().isoformat(),
            "source": "router"})


    async def run(left):
        while left > 0:
            for _, entries in await server.xreadgroup(GROUP, "python", {DECISIONS: ">"}, count=10, block=1000) or []:
                for entry, fields in entries:
                    await route(fields)
                    await server.xack(DECISIONS, GROUP, entry)
                    left -= 1


    asyncio.run(run(int(sys.argv[2])))

    """#
}
