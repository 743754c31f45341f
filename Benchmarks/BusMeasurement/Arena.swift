internal import EventBus
internal import Glibc
internal import Redis
package import TestSupport
internal import Trading

/// A Redis of its own, on a disk, in which one program does its work.
package struct Arena {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String

    package init(description: String) { self.description = description }
  }

  /// What a program did with a backlog.
  package struct Throughput: Sendable {
    package let perSecond: Double
    /// The most memory that it had at once.
    package let peakKB: Int
    /// Milliseconds for which it kept processors busy for a thousand entries, its start included.
    package let ownTime: Double
    /// As above, of the server meanwhile.
    package let serverTime: Double
  }

  package let redis: RedisServer
  /// Of the loopback device.
  package let port: UInt16
  package let folder: TemporaryFolder
  let work: BusWork
  private let connection: Connection

  /// Sets one up for `body`, under a setting of `appendfsync`.
  package static func with<Result>(
    _ work: BusWork, appendfsync: String, _ body: (Arena) throws -> Result
  ) throws -> Result {
    let folder = try SuiteFolder()
    return try RedisServer.with(.init(tcp: true, configuration: ["appendfsync \(appendfsync)"])) { redis in
      let connection = try redis.connect()
      guard case .tcp(_, let port)? = redis.tcpEndpoint?.address else {
        throw Failure(description: "Redis has no port")
      }
      try Group(work.group, of: work.source).ensure(on: connection)
      return try body(
        Arena(redis: redis, port: port, folder: folder.folder, work: work, connection: connection))
    }
  }

  /// Works off a backlog. From the first entry that comes out to the last by the clock of Redis; a start costs nothing so.
  package func throughput(of program: BusProgram) throws -> Throughput {
    if program.readsSource {
      for start in stride(from: 0, to: program.count, by: 1000) {
        try publish(start..<min(start + 1000, program.count))
      }
    }
    let serverBefore = try serverTime()
    let process = try program.start(self, program.count)
    defer { process.kill() }
    var (peak, busy) = (0, Duration.zero)
    // One that is done may be gone.
    func sample() {
      peak = max(peak, ProcessMemory.peakKB(of: process.pid) ?? 0)
      busy = max(busy, (try? process.cpuTime()) ?? .zero)
    }
    let deadline = ContinuousClock.now + .seconds(300)
    while try connection.call(["XLEN", work.target]).integer ?? 0 < program.count {
      sample()
      try look(at: process, program, deadline)
      usleep(20_000)
    }
    sample()
    let thousands = Double(program.count) / 1000
    let server = try serverTime() - serverBefore
    let ends = try [("XRANGE", "-", "+"), ("XREVRANGE", "+", "-")].map { command, from, to in
      let reply = try connection.call([command, work.target, from, to, "COUNT", "1"])
      let id = reply.array?.first?.array?.first?.string ?? ""
      return Int64(id.prefix { $0 != "-" }) ?? 0
    }
    return Throughput(
      perSecond: Double(program.count) / max(1, Double(ends[1] - ends[0])) * 1000, peakKB: peak,
      ownTime: busy / .milliseconds(1) / thousands, serverTime: server / thousands)
  }

  /// Milliseconds for which the server has kept processors busy.
  private func serverTime() throws -> Double {
    let text = try connection.call(["INFO", "cpu"]).requireString(of: "INFO")
    return text.split(whereSeparator: \.isNewline).reduce(0) { sum, line in
      guard line.hasPrefix("used_cpu_sys:") || line.hasPrefix("used_cpu_user:") else { return sum }
      return sum + (line.split(separator: ":").last.flatMap { Double($0) } ?? 0) * 1000
    }
  }

  /// Milliseconds from the moment before an entry is sent to the moment at which a reader has what was made of it, with
  /// so many entries sent each second. In no order.
  package func latencies(of program: BusProgram, perSecond: Int, seconds: Int) throws -> [Double] {
    let count = max(1, perSecond * seconds)
    let process = try program.start(self, count)
    defer { process.kill() }
    let reader = Reader.start(redis.endpoint, stream: work.target, count: count, within: .seconds(seconds + 60))
    defer { reader.stop() }
    // Until both wait for the first one.
    usleep(1_500_000)
    var sent: [ContinuousClock.Instant] = []
    let start = ContinuousClock.now
    for number in 0..<count {
      let now = Timestamp.now()
      let command = Stream(work.source).publishing(work.fields(number, at: now)).command
      let early = ContinuousClock.now.duration(to: start + .microseconds(number * 1_000_000 / perSecond))
      if early > .zero { usleep(UInt32(early / .microseconds(1))) }
      sent.append(.now)
      try connection.call(command)
    }
    let deadline = ContinuousClock.now + .seconds(60)
    while !reader.isDone {
      try look(at: process, program, deadline)
      usleep(20_000)
    }
    return try reader.seen().map { number, moment in
      guard sent.indices.contains(number) else { throw Failure(description: "trace \(number) was never sent") }
      return (moment - sent[number]) / .milliseconds(1)
    }
  }

  private func publish(_ numbers: Range<Int>) throws {
    let now = Timestamp.now()
    let stream = Stream(work.source)
    let replies = try connection.pipeline(numbers.map { stream.publishing(work.fields($0, at: now)).command })
    for reply in replies { _ = try reply.requireString(of: "XADD") }
  }

  private func look(at process: ChildProcess, _ program: BusProgram, _ deadline: ContinuousClock.Instant) throws {
    if let end = process.poll(), end != .exited(0) {
      let said = (try? folder.read(BusProgram.output)) ?? ""
      throw Failure(description: "\(program.name) ended: \(end): \(said.suffix(500))")
    }
    guard ContinuousClock.now < deadline else { throw Failure(description: "\(program.name) was not done in time") }
  }
}
