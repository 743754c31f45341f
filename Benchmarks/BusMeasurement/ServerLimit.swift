internal import Redis
internal import TestSupport
internal import Trading

extension BusProgram {
  /// No router: what each decision costs the server at least, a SET of its key and an XADD of its intent, sent by
  /// `redis-cli --pipe` as fast as the server takes them.
  package static func serverLimit(_ count: Int) -> BusProgram {
    BusProgram("SET + XADD alone", count, readsSource: false) { arena, count in
      var text = ""
      for number in 0..<count { text += commands(number) }
      let file = try arena.folder.write(text, to: "commands.resp")
      return try ChildProcess(
        "/bin/sh", ["-c", #"exec redis-cli -p "$1" --pipe <"$2""#, "sh", "\(arena.port)", file],
        environment: ["PATH": "/usr/local/bin:/usr/bin:/bin"], output: arena.folder[output])
    }
  }

  /// With the bytes that the router writes for such a decision.
  private static func commands(_ number: Int) -> String {
    let trace = "\(BusWork.trace)\(number)"
    let payload = """
      {"symbol":"BTCUSDT","action":"BUY","confidence":0.8734,"entry_price":64250.5,"position_size_usd":500.0,\
      "leverage":10,"stop_loss":63000.0,"take_profit":67000.25,\
      "timestamp":"2026-01-31T12:00:00.\(1_000_000 + number)+00:00","source":"quantum-ai-strategy-router"}
      """
    return encoded([
      "SET", Names.Key.tradeIntentPrefix + trace, "1700000000000-0 BUY BTCUSDT 500 10 64250.5", "NX", "EX", "86400",
    ])
      + encoded([
        "XADD", Names.Stream.intents, "*", "event_type", Names.EventType.intent, "payload", payload, "trace_id", trace,
        "correlation_id", "c-\(number)", "timestamp", "2026-01-31T12:00:00.000000+00:00", "source",
        "quantum-ai-strategy-router",
      ])
  }

  /// As Redis reads it.
  private static func encoded(_ words: [String]) -> String {
    words.reduce(into: "*\(words.count)\r\n") { text, word in text += "$\(word.utf8.count)\r\n\(word)\r\n" }
  }
}
