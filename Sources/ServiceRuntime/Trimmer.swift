internal import EventBus
package import Logging
package import Redis

/// Trims the stream that a service reads, now and then, behind what every group has acknowledged.
package final class Trimmer {
  private let trimming: Trimming
  private let interval: Duration
  private let logger: Logger
  private var due = ContinuousClock.now

  package init(_ stream: String, keep: Duration, every interval: Duration = .seconds(60), logger: Logger) {
    trimming = Trimming(stream, keep: keep)
    self.interval = interval
    self.logger = logger
  }

  /// Trims if it is time to. A failure is logged and not thrown: what is not trimmed now is trimmed later, and no entry
  /// should be handled twice for it.
  package func runIfDue(on connection: Connection) {
    let now = ContinuousClock.now
    guard now >= due else { return }
    due = now + interval
    do {
      let count = try trimming.run(on: connection)
      if count > 0 { logger.info("trimmed \(count) settled entries of '\(trimming.stream)'") }
    } catch {
      logger.warning("could not trim '\(trimming.stream)': \(error)")
    }
  }
}
