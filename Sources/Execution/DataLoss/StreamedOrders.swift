import EventBus
import Logging
import Redis
internal import Trading

/// The orders that the stream of intents asks for, by their effect.
///
/// Without a record of its own a process knows of no twin that another one may have sent, on a Redis that has lost the
/// claim which kept them apart. It knows of those whose intents are still there.
struct StreamedOrders {
  private var effects = EffectIndex()
  private var isTooLarge = false

  /// The most intents that are looked at, the newest: a few seconds' work and some ten megabytes.
  static let most = 100_000
  private static let page = 500

  mutating func forget() {
    effects = EffectIndex()
  }

  /// The other orders of an effect, besides those that are known already, with these before them.
  func twins(of id: String, effect: UInt64, and known: [String] = []) -> [String] {
    known + effects.keys(of: effect).map(RecordSegment.id).filter { $0 != id && !known.contains($0) }
  }

  /// Reads the stream from its end back to a moment in milliseconds since 1970.
  ///
  /// Entries so large that an answer with them closes the connection are left alone by the next call.
  mutating func read(since moment: Int64, logger: Logger, on connection: Connection) throws(RedisError) {
    guard !isTooLarge else { return logger.warning("the intents are too large to be searched for twins") }
    var last = "+"
    var count = 0
    do {
      while count < Self.most {
        let entries = try connection.ask(
          Stream(Names.Stream.intents).newest(limit: Self.page, from: last, downTo: "\(max(0, moment))-0"))
        for entry in entries { insert(entry) }
        count += entries.count
        guard entries.count == Self.page, let oldest = entries.last else { return }
        last = "(" + oldest.id
      }
      logger.warning("only the newest \(count) intents were searched for twins")
    } catch {
      if case .replyTooLarge = error { isTooLarge = true }
      guard let refusal = error.serverError else { throw error }
      logger.warning("the intents cannot be searched for twins: \(refusal.message)")
    }
  }

  private mutating func insert(_ entry: Entry) {
    guard let order = Reading(entry).order, !order.isProbe, let key = RecordSegment.key(order.clientOrderID.utf8) else {
      return
    }
    effects.insert(key, effect: order.effect)
  }
}
