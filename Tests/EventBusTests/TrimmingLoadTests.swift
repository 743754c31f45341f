import EventBus
import Redis
import Synchronization
import TestSupport
import Testing

/// Trimming while entries pour in and the groups keep pace or do not.
@Suite(.timeLimit(.minutes(2))) struct TrimmingLoadTests {
  private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
  }

  private let count = 20_000

  @Test func aSlowGroupGetsEveryEntryAndTheFastOneHoldsNothingUp() throws {
    try TestBus.with { bus in
      let slow = Group("slow", of: "source")
      try slow.ensure(on: bus.connection)
      let done = Flag()
      defer { done.set() }
      pour(into: bus, until: done)
      var seen: [Int] = []
      var longest = 0
      while seen.count < count {
        let entries = try slow.readNew(as: "s", limit: 200, block: .seconds(5), on: bus.connection)
        guard !entries.isEmpty else { break }
        seen += entries.compactMap { $0["value"].flatMap { Int($0) } }
        longest = max(longest, try length(bus))
        // What is read and not acknowledged yet has to stay, too.
        #expect(try bus.connection.ask(bus.source.range(from: entries[0].id, limit: 1)).first?.id == entries[0].id)
        try slow.acknowledge(entries.map(\.id), on: bus.connection)
      }
      #expect(seen == Array(0..<count))
      try eventuallyTrimmed(bus)
      #expect(longest > 1)
    }
  }

  @Test func memoryStaysBoundedWhileAllGroupsKeepUp() throws {
    try TestBus.with { bus in
      let other = Group("other", of: "source")
      try other.ensure(on: bus.connection)
      var memory: [Int] = []
      for round in 0..<40 {
        try Self.publish(round * 1000..<(round + 1) * 1000, to: bus.source, on: bus.connection)
        for group in [bus.group, other] {
          let entries = try group.readNew(as: "c", limit: 1000, block: .milliseconds(1), on: bus.connection)
          try group.acknowledge(entries.map(\.id), on: bus.connection)
        }
        try Trimming("source", keep: .zero).run(on: bus.connection)
        #expect(try length(bus) <= 1001)
        memory.append(Int(try bus.connection.call(["MEMORY", "USAGE", "source"]).requireInteger(of: "MEMORY USAGE")))
      }
      #expect(memory.dropFirst(5).max() ?? 0 <= (memory.prefix(5).max() ?? 0) * 2)
    }
  }

  /// Publishes, acknowledges in the fast group and trims, each on a thread of its own.
  private func pour(into bus: TestBus, until done: Flag) {
    let endpoint = bus.server.endpoint
    let (source, group, count) = (bus.source, bus.group, count)
    Background.run {
      guard let connection = try? Connection(to: endpoint) else { return }
      for start in stride(from: 0, to: count, by: 100) {
        try? Self.publish(start..<start + 100, to: source, on: connection)
      }
    }
    Background.run {
      guard let connection = try? Connection(to: endpoint) else { return }
      while !done.isSet {
        let entries = try? group.readNew(as: "f", limit: 500, block: .milliseconds(20), on: connection)
        _ = try? group.acknowledge((entries ?? []).map(\.id), on: connection)
      }
    }
    Background.run {
      guard let connection = try? Connection(to: endpoint) else { return }
      while !done.isSet { _ = try? Trimming("source", keep: .zero).run(on: connection) }
    }
  }

  private static func publish(_ numbers: Range<Int>, to stream: Stream, on connection: Connection) throws {
    let questions = numbers.map { stream.publishing([Field("value", String($0))]) }
    _ = try connection.pipeline(questions.map(\.command))
  }

  private func length(_ bus: TestBus) throws -> Int {
    Int(try bus.connection.call(["XLEN", "source"]).requireInteger(of: "XLEN"))
  }

  private func eventuallyTrimmed(_ bus: TestBus) throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while try length(bus) > 1, ContinuousClock.now < deadline {}
    #expect(try length(bus) <= 1)
  }
}
