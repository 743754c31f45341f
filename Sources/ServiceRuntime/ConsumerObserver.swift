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
  private var pause: Pause?
  private let restarts: RestartBackoff?
  private let started = ContinuousClock.now

  /// A time in which nothing moves.
  private struct Pause {
    let since = Timestamp.now().text
    let start = ContinuousClock.now
    var reason: String
    var said: ContinuousClock.Instant
  }

  /// How often a pause that goes on is said.
  private static let reminder: Duration = .seconds(60)
  /// After how many watchdog intervals without progress the watchdog is no longer fed.
  private static let patience = 4

  /// - Parameter restarts: Told when the service has made progress.
  package init(logger: Logger, restarts: RestartBackoff? = nil) {
    self.logger = logger
    self.restarts = restarts
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
    case .trimmedWhilePending(let ids): trimmed(ids)
    case .trimmedUnread(let count):
      logger.critical(
        "ENTRIES LOST: \(count) entries were trimmed or deleted before this group had read them, in total; look for MAXLEN",
        metadata: fields(.lost, ""))
    case .handlerFailed(let ids, let error):
      logger.error("handling \(ids.count) entries from \(ids.first ?? "") failed, they are delivered again: \(error)")
    case .deadLettered(let id, let reason):
      logger.warning("DEAD LETTER \(id): \(reason)", metadata: fields(.deadLetter, id))
    case .paused(let reason): paused(reason)
    case .moving(let entries): moved(entries)
    case .stopped: logger.notice("stopped with nothing in hand")
    }
  }

  /// Not while nothing has moved for long: the service would be called active and do nothing. systemd then starts it anew,
  /// and it is not ready before Redis allows what it needs.
  private func feed() {
    guard let feedingInterval else { return }
    let now = ContinuousClock.now
    if let pause, pause.start.duration(to: now) > feedingInterval * 4 * Self.patience { return }
    if let fed, fed.duration(to: now) < feedingInterval { return }
    fed = now
    notifier.watchdog()
  }

  private func trimmed(_ ids: [String]) {
    let subject =
      ids.count == 1
      ? "ENTRY LOST \(ids[0])" : "ENTRIES LOST: \(ids.count) entries from \(ids.first ?? "") to \(ids.last ?? "")"
    logger.critical(
      "\(subject): trimmed or deleted while pending; each is a dead letter, what it said is gone",
      metadata: fields(.lost, ids.first ?? ""))
  }

  /// Said at once, then once a minute as an alarm.
  private func paused(_ reason: String) {
    let now = ContinuousClock.now
    var pause = pause ?? Pause(reason: "", said: now)
    if pause.reason != reason {
      logger.warning("waiting: \(reason)")
      (pause.reason, pause.said) = (reason, now)
    } else if pause.said.duration(to: now) >= Self.reminder {
      logger.critical("NOTHING MOVES since \(pause.since): \(reason)")
      pause.said = now
    }
    self.pause = pause
    status("nothing moves since \(pause.since): \(reason)")
  }

  private func moved(_ entries: Int) {
    if entries > 0 || started.duration(to: .now) > .seconds(60) { restarts?.clear() }
    guard let pause else { return }
    self.pause = nil
    logger.notice("moving again, after a pause since \(pause.since)")
    status("reading new entries, after a pause since \(pause.since)")
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
    status("waiting for Redis: \(error)")
  }

  private func ready() {
    let status = "own pending entries are drained, reading new ones"
    tellReady(status)
    logger.notice("ready: \(status)")
  }

  private func tellReady(_ text: String) {
    if isReady {
      status(text)
    } else {
      notifier.ready(status: withAlarm(text))
    }
    isReady = true
  }

  private func status(_ text: String) {
    notifier.status(withAlarm(text))
  }

  private func withAlarm(_ text: String) -> String {
    alarm.map { "\($0); \(text)" } ?? text
  }

  private func fields(_ event: LogLine.Event, _ id: String) -> Logger.Metadata {
    LogLine.fields(event, nil, stream: id).mapValues { .string($0) }
  }
}
