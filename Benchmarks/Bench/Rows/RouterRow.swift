import BusMeasurement
import Measurement

/// The router beside routers that people write, a minimal one in C, and what the server itself can do.
struct RouterRow: Row {
  let id = "router"
  let title = "Router"
  let how = """
    Each starts on a Redis of its own with the same backlog of decisions, and makes each an intent once: a key that keeps \
    repetitions out, the intent, the acknowledgement. Decisions a second are counted from the first intent to the last by the \
    clock of Redis, under both settings of `appendfsync`, with the append-only file on the disk of this host. Python: redis-py under \
    asyncio, one message at a time, as such routers are written (with a twentieth of the decisions). FastStream: a subscriber of the stream in a group, under uvloop with hiredis, without its log and without \
    checking types. C: hiredis, the same script in batches of 64, and no reading of payloads. "SET + XADD alone" is no router: `redis-cli \
    --pipe` sends the SET of a key and the XADD of an intent for each decision as fast as the server takes them; nothing is read, \
    acknowledged or looked up.

    Latency: so many decisions a second, evenly; from the moment before one is sent to the moment at which a reader of the stream has \
    its intent. Each percentile is the median over the rounds; under `everysec`. Memory: the most that the process had while \
    it worked off the backlog.
    """
  let limits = """
    Publisher, reader, router and server share the cores of this host, so that a latency is also that of \
    waiting for a core; Python and FastStream are not asked at 5,000/s, which is more than they route. A percentile of few \
    samples (100/s for a few seconds) is close to the greatest.

    Profile (the processor times above, `INFO commandstats`, `perf record`): the server has one thread, and is what limits the router \
    where there is a core for each: a decision costs it more than twice the SET and the XADD alone. Of that, half is the script, and four tenths \
    of the script are the SET, the XADD, the acknowledgement and two questions for a batch; the rest of it takes arguments into Lua and out \
    again. The other half reads the arguments, reads and sends the decisions, and writes the append-only file, to which each reading adds \
    an XCLAIM. C runs the same script and waits for each of its answers; the router works while the server does, but also reads, checks \
    and writes each payload. Done: the next batch is read while the server works on the last one, with two scripts on their way; \
    what the intents of a batch share is sent once; one XPENDING and one EXISTS for a batch; replies are made without hiredis' own objects. \
    Did not pay: PXAT in place of EX, more or smaller scripts on their way, larger batches. Left: a batch's end, where the server waits a moment for the \
    next one; 16 MB of the memory are pages of the program and of libraries, 3 MB its own.
    """

  private static let settings = ["everysec", "always"]
  private static let rates = [100, 1000, 5000]
  /// The most that a router of one message at a time is asked for.
  private static let slowLimit = 1000
  private static let (own, python, c) = ("router", "Python", "C")
  private static let limit = "SET + XADD alone"
  static let percentiles = [(name: "p50", share: 0.5), (name: "p99", share: 0.99), (name: "p99.9", share: 0.999)]

  let isOnHost = true
  let peersAskedFor = ["faststream"]

  func rounds(_ sizes: Sizes) -> Int { min(sizes.rounds, sizes.busRounds) }

  func figures(_ sizes: Sizes) -> [RowHeading] {
    let throughput = Self.settings.map { setting in
      RowHeading(
        key: setting, title: "decisions a second, appendfsync \(setting)", unit: "/s",
        bars: [
          .least(30, .ratio(Self.own, to: Self.python)), .least(1.2, .ratio(Self.own, to: Self.c)),
          .least(0.8, .ratio(Self.own, to: Self.limit)),
        ])
    }
    let latencies = Self.rates.map { rate in
      RowHeading(
        key: "\(rate)", title: "from decision to intent at \(rate)/s, appendfsync everysec",
        parts: Self.percentiles.map(\.name), bars: [.most(2, .median("\(Self.own), p99"))])
    }
    let busy = RowHeading(
      key: "busy", title: "processor time for 1,000 decisions, appendfsync everysec", parts: ["own", "of Redis"])
    let memory = RowHeading(
      key: "memory", title: "memory, at most", unit: "MB", bars: [.most(15, .median(Self.own))])
    return throughput + [busy] + latencies + [memory]
  }

  func contenders(_ ground: Ground) -> [Contender] {
    // Under `always` each waits for the disk.
    func fast(_ setting: String) -> Int { ground.sizes.decisions / (setting == "always" ? 5 : 1) }
    func slow(_ setting: String) -> Int { max(200, fast(setting) / 20) }
    let seconds = ground.sizes.latencySeconds
    var all = [
      contender(Self.own, Self.rates, seconds) { .router(fast($0)) },
      contender(Self.python, Self.rates.filter { $0 <= Self.slowLimit }, seconds) { .pythonRouter(slow($0)) },
    ]
    if let python = ground.peers.commands["faststream"]?.first {
      all.append(
        contender("FastStream", Self.rates.filter { $0 <= Self.slowLimit }, seconds) {
          .fastStreamRouter(slow($0), python: python)
        })
    }
    all.append(contender(Self.c, Self.rates, seconds) { .cRouter(fast($0)) })
    all.append(contender(Self.limit, [], seconds, isRouter: false) { .serverLimit(fast($0)) })
    return all
  }

  private func contender(
    _ name: String, _ rates: [Int], _ seconds: Int, isRouter: Bool = true,
    program: @escaping (_ setting: String) -> BusProgram
  ) -> Contender {
    Contender(name: name) { _ in
      var values: [String: Double] = [:]
      for setting in Self.settings {
        let throughput = try Arena.with(.routing, appendfsync: setting) { try $0.throughput(of: program(setting)) }
        values[setting] = throughput.perSecond
        guard setting == "everysec" else { continue }
        values["busy/of Redis"] = throughput.serverTime
        if isRouter {
          values["busy/own"] = throughput.ownTime
          values["memory"] = Double(throughput.peakKB) / 1024
        }
      }
      for rate in rates {
        try Self.addLatencies(to: &values, "\(rate)", .routing, program("everysec"), rate, seconds)
      }
      return values
    }
  }

  /// Measures so many entries a second, and adds the percentiles under the key.
  static func addLatencies(
    to values: inout [String: Double], _ key: String, _ work: BusWork, _ program: BusProgram, _ rate: Int,
    _ seconds: Int
  ) throws {
    let samples = try Arena.with(work, appendfsync: "everysec") {
      try $0.latencies(of: program, perSecond: rate, seconds: seconds)
    }
    for (name, share) in percentiles { values["\(key)/\(name)"] = Statistics.quantile(share, of: samples) }
  }
}

/// Execution beside a consumer as people write it.
struct ExecutionRow: Row {
  let id = "execution"
  let title = "Execution"
  let how = """
    Each starts on a Redis of its own with the same backlog of intents, and makes each an order at a paper exchange, whose book is in \
    that Redis, and one terminal state: a record on the disk of what is begun, a claim that keeps a twin out, the order, the \
    state, the result, the acknowledgement. Orders a second are counted from the first result to the last by the clock of Redis. \
    Python: redis-py, one order at a time, with a quarter of the orders; it writes its record once for each ten that it has read. \
    Latency as above, from intent to terminal state.
    """
  let limits = """
    A real exchange answers in milliseconds, and is then what an order waits for. Execution also refuses stale orders, takes \
    back what it began before a crash, and looks whether Redis lost writes; the consumer in Python does none of that.

    Profile (`perf record`, the processor times below): an order costs the server a claim, an order in the book and an end, 21 commands \
    in scripts, and execution less than that; the two take turns. Done: the claims, the orders and the ends of a batch are one round trip \
    each, and one wait for the disk each under `always`; no key is written twice by a script. Tried and dropped: ends sent in portions, so \
    that one is made while the server works on the one before, which won nothing under `everysec` and lost under `always`. Left: the next \
    batch read, and its record written, while the server works on this one.
    """

  private static let settings = ["everysec", "always"]
  private static let rate = 100

  let isOnHost = true

  func rounds(_ sizes: Sizes) -> Int { min(sizes.rounds, sizes.busRounds) }

  func figures(_ sizes: Sizes) -> [RowHeading] {
    Self.settings.map { setting in
      RowHeading(
        key: setting, title: "orders a second, appendfsync \(setting)", unit: "/s",
        bars: [.least(10, .ratio("execution", to: "Python"))])
    } + [
      RowHeading(
        key: "busy", title: "processor time for 1,000 orders, appendfsync everysec", parts: ["own", "of Redis"]),
      RowHeading(
        key: "latency", title: "from intent to terminal state at \(Self.rate)/s, appendfsync everysec",
        parts: RouterRow.percentiles.map(\.name)),
    ]
  }

  func contenders(_ ground: Ground) -> [Contender] {
    // Under `always` each order waits for the disk, several times.
    func orders(_ setting: String) -> Int { ground.sizes.orders / (setting == "always" ? 10 : 1) }
    func contender(_ name: String, _ program: @escaping (_ setting: String) -> BusProgram) -> Contender {
      Contender(name: name) { _ in
        var values: [String: Double] = [:]
        for setting in Self.settings {
          let throughput = try Arena.with(.execution, appendfsync: setting) { try $0.throughput(of: program(setting)) }
          values[setting] = throughput.perSecond
          guard setting == "everysec" else { continue }
          (values["busy/own"], values["busy/of Redis"]) = (throughput.ownTime, throughput.serverTime)
        }
        try RouterRow.addLatencies(
          to: &values, "latency", .execution, program("everysec"), Self.rate, ground.sizes.latencySeconds)
        return values
      }
    }
    return [
      contender("execution") { .execution(orders($0)) },
      contender("Python") { .pythonExecution(max(200, orders($0) / 4)) },
    ]
  }
}
