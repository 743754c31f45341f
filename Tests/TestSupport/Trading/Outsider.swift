internal import Rehearsal

/// Another program on the host, in another language: it publishes decisions and counts what comes of them, knowing
/// nothing but the contract.
package struct Outsider: Sendable {
  /// What an outsider counted since it last looked, by trace_id.
  package struct Tally: Sendable, Equatable {
    package var intents: [String: Int] = [:]
    package var results: [String: Int] = [:]

    /// How many trace ids had exactly one of each.
    package var once: Int { intents.count { $0.value == 1 && results[$0.key] == 1 } }
    /// Trace ids with more than one of either.
    package var more: Int {
      Set(intents.keys).union(results.keys).count { intents[$0] ?? 0 > 1 || results[$0] ?? 0 > 1 }
    }
  }

  let site: Site
  static let script = "/root/outsider.py"

  /// Lays the program out and has it make a group of its own, from where on it counts.
  package init(on site: Site) async throws {
    self.site = site
    try await site.machine.write(Self.source, to: Self.script, mode: 0o755)
    try await site.sh("\(Self.script) join")
  }

  /// Publishes decisions `first` to `first + count - 1` of a run and repeats the first `repeats` of them.
  ///
  /// - Parameters:
  ///   - rate: decisions a second; 0: as fast as it goes.
  ///   - anonymous: in the shape of the existing producer, `trace_id` empty and a new `correlation_id` each time.
  package static func publish(
    run: String, first: Int = 0, count: Int, repeats: Int = 0, rate: Int = 0, anonymous: Bool = false
  ) -> [String] {
    [script, "publish", run, "\(first)", "\(count)", "\(repeats)", "\(rate)", anonymous ? "anonymous" : "named"]
  }

  /// What came since the last look, once `expected` results of a run are there or the time is up.
  package func tally(run: String, expecting expected: Int, within seconds: Int = 30) async throws -> Tally {
    let text = try await site.sh(
      "\(Self.script) tally \(run) \(expected) \(seconds)", within: .seconds(seconds + 30))
    var tally = Tally()
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count == 3, let intents = Int(words[1]), let results = Int(words[2]) else { continue }
      tally.intents[String(words[0])] = intents
      tally.results[String(words[0])] = results
    }
    return tally
  }

  private static let source = #"""
    #!/usr/bin/python3
    import collections, datetime, json, sys, time, uuid
    import redis

    DECISIONS = "quantum:stream:ai.decision.made"
    INTENTS, RESULTS = "quantum:stream:trade.intent", "quantum:stream:execution.result"
    GROUP = "observer"
    server = redis.Redis(decode_responses=True)


    def decision(run, number, moment):
        return json.dumps({
            "symbol": "BTCUSDT", "side": "buy" if number % 2 == 0 else "sell", "confidence": 0.8,
            "entry_price": 50000.0, "quantity": 100.0, "leverage": 2.0, "stop_loss": 49000.0,
            "take_profit": 52000.0, "timestamp": moment, "model": run})


    def publish(run, first, count, repeats, rate, shape):
        numbers = list(range(first, first + count))
        start = time.time()
        moments = {}
        for turn, number in enumerate(numbers + numbers[:repeats]):
            moment = moments.setdefault(number, datetime.datetime.utcfromtimestamp(start + number / 1e4).isoformat())
            server.xadd(DECISIONS, {
                "event_type": "ai.decision.made", "payload": decision(run, number, moment),
                "trace_id": "" if shape == "anonymous" else f"{run}-{number}", "correlation_id": str(uuid.uuid4()),
                "timestamp": moment, "source": "outsider"})
            if rate:
                time.sleep(max(0, start + (turn + 1) / rate - time.time()))


    def join():
        for stream in (INTENTS, RESULTS):
            try:
                server.xgroup_create(stream, GROUP, id="$", mkstream=True)
            except redis.ResponseError as error:
                if "BUSYGROUP" not in str(error):
                    raise


    def take(run, tally):
        found = 0
        for stream, entries in server.xreadgroup(GROUP, "outsider", {INTENTS: ">", RESULTS: ">"}, count=1000) or []:
            for entry, fields in entries:
                trace = fields["trace_id"]
                if run == "-" or trace.startswith(run):
                    tally[trace][stream] += 1
                    found += 1
            server.xack(stream, GROUP, *[entry for entry, _ in entries])
        return found


    def tally(run, expected, seconds):
        counts = collections.defaultdict(collections.Counter)
        deadline = time.time() + seconds
        while time.time() < deadline and sum(count[RESULTS] for count in counts.values()) < expected:
            take(run, counts) or time.sleep(0.05)
        time.sleep(0.5)  # one too many comes late
        take(run, counts)
        for trace, count in counts.items():
            print(trace, count[INTENTS], count[RESULTS])


    verb, *rest = sys.argv[1:]
    if verb == "join":
        join()
    elif verb == "publish":
        publish(rest[0], *map(int, rest[1:5]), rest[5])
    else:
        tally(rest[0], *map(int, rest[1:3]))

    """#
}
