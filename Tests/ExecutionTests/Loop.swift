import EventBus
import Redis
import Testing

/// Runs a consumer's loop on the calling thread until so many entries were handled.
enum Loop {
  static func run(
    _ group: Group, as name: String = "test", at endpoint: Endpoint, batch: Int = 64, until count: Int,
    prepare: Consumer.Prepare = { _ in nil }, handle: Consumer.Handle
  ) throws {
    let stop = StopSignal()
    let configuration = Consumer.Configuration(
      group: group, name: name, deadLetters: "quantum:stream:dead.letter", batch: batch, block: .milliseconds(20))
    let deadline = ContinuousClock.now + .seconds(60)
    var handled = 0
    try Consumer(configuration, endpoint: endpoint, stop: stop).run(
      prepare: prepare,
      handle: { deliveries, connection in
        let outcomes = try handle(deliveries, connection)
        handled += outcomes.count { if case .later = $0 { false } else { true } }
        return outcomes
      },
      observe: { event in
        // A turn comes behind the acknowledgement of what was handled.
        if case .turn = event, handled >= count || ContinuousClock.now > deadline { stop.raise() }
      })
    #expect(handled >= count, "not within a minute")
  }
}
