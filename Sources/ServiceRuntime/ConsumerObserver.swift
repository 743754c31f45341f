package import EventBus
package import Logging
internal import Redis
internal import Systemd
internal import Trading

/// Tells systemd and the log what a consumer's loop tells. Used on the loop's own thread, so that a loop that stands
/// still feeds no watchdog.
package final class ConsumerObserver {
  private let logger: Logger
  private let notifier = Notifier()
  private let feedingInterval: Duration?
  private var fed: ContinuousClock.Instant?
  private var isReady = false
  private var isConnected = true
  private var stoodBy: StandBy?
  private var alarm: String?

  package init(logger: Logger) {
    self.logger = logger
    // Four times as often as it must be, and no more: a busy loop turns thousands of times a second.
    feedingInterval = notifier.watchdogInterval.map { $0 / 4 }
  }

  /// What an operator must know, shown in the status line before everything else until it is nil again.
  package func alarm(_ text: String?) {
    alarm = text
    if isReady, let text { notifier.status(text) }
  }

  package func observe(_ event: ConsumerEvent) {
    switch event {
    case .turn: feed()
    case .connected: connected()
    case .standingBy(let standBy): standingBy(standBy)
    case .disconnected(let error): disconnected(error)
    case .groupCreated(.recreated(let id)):
      logger.critical("the group was lost and is created again behind \(id), where it began")
    case .groupCreated(.created(let id)): logger.notice("the group did not exist and was created, behind \(id)")
    case .groupCreated(.present): break
    case .ready: ready()
    case .claimed(let ids):
      logger.notice("took over \(ids.count) entries of consumers gone silent, from \(ids.first ?? "")")
    case .trimmedWhilePending(let id):
      logger.critical(
        "ENTRY LOST \(id): it was trimmed or deleted while pending; what it said is gone",
        metadata: fields(.lost, id))
    case .handlerFailed(let ids, let error):
      logger.error("handling \(ids.count) entries from \(ids.first ?? "") failed, they are delivered again: \(error)")
    case .deadLettered(let id, let reason):
      logger.warning("DEAD LETTER \(id): \(reason)", metadata: fields(.deadLetter, id))
    case .paused(let reason): logger.warning("waiting: \(reason)")
    case .stopped: logger.notice("stopped with nothing in hand")
    }
  }

  private func feed() {
    guard let feedingInterval else { return }
    let now = ContinuousClock.now
    if let fed, fed.duration(to: now) < feedingInterval { return }
    fed = now
    notifier.watchdog()
  }

  private func connected() {
    isConnected = true
    stoodBy = nil
    logger.notice("connected to Redis")
  }

  /// As ready as it can be: systemd need not wait for the other process to end.
  private func standingBy(_ standBy: StandBy) {
    isConnected = true
    guard standBy != stoodBy else { return }
    stoodBy = standBy
    tellReady("standing by: \(standBy)")
    logger.notice("standing by: \(standBy)")
  }

  private func disconnected(_ error: RedisError) {
    // Every attempt fails alike; the first says it.
    if isConnected { logger.warning("without Redis, trying again: \(error)") }
    isConnected = false
    notifier.status("waiting for Redis: \(error)")
  }

  private func ready() {
    let status = "own pending entries are drained, reading new ones"
    tellReady(alarm.map { "\($0); \(status)" } ?? status)
    logger.notice("ready: \(status)")
  }

  private func tellReady(_ status: String) {
    if isReady {
      notifier.status(status)
    } else {
      notifier.ready(status: status)
    }
    isReady = true
  }

  private func fields(_ event: LogLine.Event, _ id: String) -> Logger.Metadata {
    LogLine.fields(event, nil, stream: id).mapValues { .string($0) }
  }
}
