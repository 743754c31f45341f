package import EventBus
package import Logging
package import Redis

/// Trims streams now and then, each behind what every group of it has acknowledged.
package final class Trimmer {
  private let trimmings: [Trimming]
  private let interval: Duration
  private let logger: Logger
  private var due = ContinuousClock.now

  package init(_ trimmings: [Trimming], every interval: Duration = .seconds(60), logger: Logger) {
    self.trimmings = trimmings
    self.interval = interval
    self.logger = logger
  }

  /// Trims if it is time to. A failure is logged and not thrown: what is not trimmed now is trimmed later, and no entry
  /// should be handled twice for it.
  package func runIfDue(on connection: Connection) {
    let now = ContinuousClock.now
    guard now >= due else { return }
    due = now + interval
    for trimming in trimmings {
      do {
        let count = try trimming.run(on: connection)
        if count > 0 { logger.info("trimmed \(count) old entries of '\(trimming.stream)'") }
      } catch {
        logger.warning("could not trim '\(trimming.stream)': \(error)")
      }
    }
  }
}
