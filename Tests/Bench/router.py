"""A router as the first user had it: one message at a time with redis-py. What `make bench` measures against.

usage: router.py SOCKET COUNT
"""

import json
import sys

import redis

STREAM, TARGET = "quantum:stream:ai.decision.made", "quantum:stream:trade.intent"
GROUP = "quantum:group:router:ai.decision.made"


def main(socket, count):
    bus = redis.Redis(unix_socket_path=socket, decode_responses=True)
    bus.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
    while count > 0:
        for _, entries in bus.xreadgroup(GROUP, "python", {STREAM: ">"}, count=1, block=1000):
            for entry, fields in entries:
                route(bus, entry, fields)
                count -= 1


def route(bus, entry, fields):
    decision = json.loads(fields["payload"])
    if bus.set("quantum:dedup:trade_intent:" + fields["trace_id"], entry, nx=True, ex=86400):
        intent = {
            "symbol": decision["symbol"],
            "action": "BUY" if decision["side"] == "buy" else "SELL",
            "confidence": decision["confidence"],
            "timestamp": decision["timestamp"],
            "position_size_usd": decision["quantity"],
            "leverage": decision["leverage"],
            "entry_price": decision["entry_price"],
            "stop_loss": decision["stop_loss"],
            "take_profit": decision["take_profit"],
            "source": "router.py",
        }
        bus.xadd(
            TARGET,
            {
                "event_type": "trade.intent",
                "payload": json.dumps(intent),
                "trace_id": fields["trace_id"],
                "correlation_id": fields["correlation_id"],
                "timestamp": fields["timestamp"],
                "source": "router.py",
            },
        )
    bus.xack(STREAM, GROUP, entry)


main(sys.argv[1], int(sys.argv[2]))
