extension TradingRelease {
  /// A router as its users had one before, in Python: it reads and acknowledges, knows no duplicates, and a careless
  /// edit made it publish every intent twice.
  package static let publishingTwice = """
    #!/usr/bin/python3
    import json, os, signal, socket, sys
    import redis

    DECISIONS, INTENTS = "quantum:stream:ai.decision.made", "quantum:stream:trade.intent"
    GROUP = "quantum:group:router:ai.decision.made"
    server = redis.Redis(decode_responses=True)


    def notify(text):
        address = os.environ.get("NOTIFY_SOCKET", "")
        if address:
            name = "\\0" + address[1:] if address[0] == "@" else address
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
                channel.sendto(text.encode(), name)


    def route(entry, fields):
        decision = json.loads(fields["payload"])
        intent = {
            "symbol": decision["symbol"], "action": decision["side"].upper(), "confidence": decision["confidence"],
            "timestamp": decision["timestamp"], "position_size_usd": decision["quantity"],
            "leverage": decision["leverage"], "entry_price": decision["entry_price"],
            "stop_loss": decision["stop_loss"], "take_profit": decision["take_profit"], "source": "router",
        }
        message = {**fields, "event_type": "trade.intent", "payload": json.dumps(intent)}
        server.xadd(INTENTS, message)
        server.xadd(INTENTS, message)
        server.xack(DECISIONS, GROUP, entry)


    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.xgroup_create(DECISIONS, GROUP, id="0", mkstream=True)
    except redis.ResponseError:
        pass
    notify("READY=1")
    while True:
        notify("WATCHDOG=1")
        for _, entries in server.xreadgroup(GROUP, "old-router", {DECISIONS: ">"}, count=10, block=200) or []:
            for entry, fields in entries:
                route(entry, fields)

    """
}
