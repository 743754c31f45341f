/// A router in another language in the place of the real one, that misbehaves in one way.
package struct OtherRouter: Sendable {
  /// What it does with one decision, as lines of Python: `message` is the intent, `trace` its trace id, `seen` the ids
  /// that came before, `say` writes to the journal as the real one does.
  let lines: String

  private static func publishing(_ lines: String) -> OtherRouter { OtherRouter(lines: lines) }

  package static let soundly = publishing(
    """
    if trace in seen:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
    """)
  package static let everyCopy = publishing("server.xadd(INTENTS, message)")
  package static let twice = publishing(
    """
    if trace in seen:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
        server.xadd(INTENTS, message)
    """)
  package static let nothing = publishing("pass")
  package static let onlySkips = publishing(#"say("DUPLICATE_SKIP trace_id=" + trace, trace)"#)
  /// What it sees for the first time it takes for a duplicate, and publishes what it has seen before.
  package static let theWrongWayRound = publishing(
    """
    if trace in seen:
        server.xadd(INTENTS, message)
    else:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    """)
  /// The first round of a proof is routed, then the loop that does the work stands still; what feeds the watchdog lives.
  package static let onlyAtFirst = publishing(
    """
    if len(handled) > 3:
        while True:
            notify("WATCHDOG=1")
            time.sleep(0.2)
    if trace in seen:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
    """)
  /// The task that consumes dies on the first message; the process, its watchdog and its page of health live on.
  package static let dyingInside = publishing(
    """
    while True:
        notify("WATCHDOG=1")
        time.sleep(0.2)
    """)
  /// It sets the key twice for one intent, takes the intent for a duplicate, acknowledges it, and reports success.
  package static let keyedTwice = publishing(
    """
    key = "quantum:dedup:trade_intent:" + trace
    if not server.set(key, "1", nx=True, ex=86400) or not server.set(key, "1", nx=True, ex=86400):
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
        say("published trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
    """)
  /// It does right and buries every decision all the same.
  package static let burying = publishing(
    """
    if trace in seen:
        say("DUPLICATE_SKIP trace_id=" + trace, trace)
    else:
        server.xadd(INTENTS, message)
        server.xadd("quantum:stream:dead.letter", {"reason": "the other shape", "source": DECISIONS})
    """)
  package static let silently = publishing("trace in seen or server.xadd(INTENTS, message)")

  /// The program, for Python.
  package var script: String {
    let body = lines.split(separator: "\n").map { "    " + $0 }.joined(separator: "\n")
    return TradingRelease.publishingTwice
      .replacing("import redis", with: "import http.server, threading, time\nimport redis")
      .replacing("server = redis.Redis(decode_responses=True)", with: Self.prelude)
      .replacing(
        "    server.xadd(INTENTS, message)\n    server.xadd(INTENTS, message)\n",
        with: "    trace = fields['trace_id']\n    handled.append(trace)\n\(body)\n    seen.add(trace)\n")
  }

  private static let prelude = #"""
    server = redis.Redis(decode_responses=True)
    seen, handled = set(), []


    class Health(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass


    health = http.server.HTTPServer(("127.0.0.1", 8097), Health)
    threading.Thread(target=health.serve_forever, daemon=True).start()


    def say(text, trace):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
            journal.sendto(f"MESSAGE={text}\nTRACE_ID={trace}\n".encode(), "/run/systemd/journal/socket")
    """#
}
