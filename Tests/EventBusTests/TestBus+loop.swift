import EventBus
import Redis
import TestSupport
import Testing

extension TestBus {
  /// Runs a loop until `isDone`, asked at every turn, or until a deadline, which is a failure.
  @discardableResult
  func run(
    batch: Int = 64, deliveries: Int = 3, claimIdle: Duration = .seconds(3600),
    prepare: ConsumerLoop.Prepare = { _ in nil }, handle: ConsumerLoop.Handle,
    observe: (ConsumerEvent) -> Void = { _ in }, until isDone: () -> Bool
  ) throws -> [String] {
    let stop = StopSignal()
    let loop = ConsumerLoop(
      .init(
        group: group, name: "me", deadLetters: dead.name, batch: batch, block: .milliseconds(20),
        claimIdle: claimIdle, claimInterval: .milliseconds(30), deliveries: deliveries,
        retryInterval: .milliseconds(5), backoff: Backoff(first: .milliseconds(5), most: .milliseconds(20))),
      endpoint: server.endpoint, stop: stop)
    let deadline = ContinuousClock.now + .seconds(30)
    var events: [String] = []
    try loop.run(prepare: prepare, handle: handle) { event in
      observe(event)
      guard case .turn = event else {
        events.append("\(event)".prefix { $0 != "(" }.description)
        return
      }
      if isDone() { stop.raise() }
      if ContinuousClock.now > deadline {
        Issue.record("not done in time; saw \(events.suffix(20))")
        stop.raise()
      }
    }
    return events
  }

  static func acknowledgeAll(_ deliveries: [Delivery], _: Connection) -> [Outcome] {
    deliveries.map { _ in .acknowledge }
  }
}
