package import EventBus
package import Redis

/// What a consumer tells while a batch is in its hands that may take longer than others wait for it: the service manager,
/// whose watchdog would kill it, and a process that stands by and would take its entries over.
package final class SignOfLife {
  private let name: String
  private let group: Group
  private let interval: Duration
  private let turn: () -> Void
  private var told = ContinuousClock.now

  /// - Parameters:
  ///   - interval: How often the group's other consumers are told; well below the time after which they take over.
  ///   - turn: Called each time.
  package init(of name: String, in group: Group, every interval: Duration, turn: @escaping () -> Void) {
    self.name = name
    self.group = group
    self.interval = interval
    self.turn = turn
  }

  package func tell(on connection: Connection) throws(RedisError) {
    turn()
    guard told.duration(to: .now) >= interval else { return }
    try group.touch(as: name, on: connection)
    told = .now
  }
}
