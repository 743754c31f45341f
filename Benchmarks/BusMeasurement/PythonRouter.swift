/// Routers as their users have them.
enum PythonRouter {
  private static let routing = #"""
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


    """#

  /// redis-py under asyncio, one message at a time.
  static let plain =
    routing + #"""
      async def run(left):
          while left > 0:
              for _, entries in await server.xreadgroup(GROUP, "python", {DECISIONS: ">"}, count=10, block=1000) or []:
                  for entry, fields in entries:
                      await route(fields)
                      await server.xack(DECISIONS, GROUP, entry)
                      left -= 1


      asyncio.run(run(int(sys.argv[2])))

      """#

  /// https://faststream.ag2.ai: a subscriber of a stream in a group, under uvloop, without its log of every message and
  /// without checking types. What it publishes it writes with redis-py, since its own `publish` wraps an entry.
  static let fastStream =
    routing + #"""
      import uvloop
      from faststream import AckPolicy, FastStream
      from faststream.redis import RedisBroker, StreamSub

      broker = RedisBroker("redis://127.0.0.1:" + sys.argv[1], apply_types=False, logger=None)
      stream = StreamSub(DECISIONS, group=GROUP, consumer="faststream", last_id=">", max_records=10, polling_interval=1000)


      @broker.subscriber(stream=stream, ack_policy=AckPolicy.ACK)
      async def handle(fields):
          await route(fields)


      async def run():
          await FastStream(broker, logger=None).run()


      uvloop.run(run())

      """#
}
