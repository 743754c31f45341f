internal import Glibc

/// The write-ahead record: the client order ids that this service has begun, on its own disk before anything of them is
/// sent. Where Redis no longer knows of an order, the record does.
///
/// It holds the orders of one retention and at most `limit` of them, in segments of which the oldest goes first; then
/// `since` says from when on it is complete. For one thread at a time; two processes may share a folder, since each
/// writes to segments of its own epoch and removes only what has expired.
final class OrderRecord {
  private let folder: String
  /// How long an order is kept, in milliseconds.
  private let retention: Int64
  private let limit: Int
  private let segmentLimit: Int
  private var segments: [RecordSegment] = []
  private var writer: RecordWriter?

  /// Every order that this group has begun after this moment is in the record, from `partialUntil` on.
  private(set) var since: Int64 = 0
  /// Until then the record says nothing of what is not in it: it began, or others worked, less than a retention before.
  private(set) var partialUntil: Int64 = 0
  /// The longest time that an order in it may have been under way, in milliseconds.
  private(set) var window: Int64 = 0
  private(set) var lastResult: (id: String, stateKey: String)?
  /// Of the process that wrote to it last; nil when there is no record.
  private(set) var lastEpoch: Int64?
  private(set) var isDamaged = false

  init(in folder: String, retention: Duration, limit: Int = 1_000_000) {
    self.folder = folder
    self.retention = retention.components.seconds * 1000
    self.limit = limit
    segmentLimit = max(1, limit / 16)
  }

  var count: Int { segments.reduce(0) { $0 + $1.count } }

  /// Reads what is there. What cannot be read of it is not hidden: see `isDamaged`.
  func load() throws(StateFileError) {
    writer = nil
    segments = try Self.names(in: folder).compactMap { RecordSegment(name: $0) }
      .sorted { ($0.epoch, $0.number) < ($1.epoch, $1.number) }
    for index in segments.indices { try segments[index].load(from: folder) }
    isDamaged = segments.contains { $0.isDamaged || (!$0.hasHeader && $0.count > 0) }
    segments.removeAll { !$0.hasHeader && $0.count == 0 }
    since = segments.last?.since ?? 0
    partialUntil = segments.last?.partialUntil ?? 0
    window = segments.map(\.window).max() ?? 0
    lastResult = segments.last { $0.lastResult != nil }?.lastResult
    lastEpoch = segments.last?.epoch
  }

  /// Begins to write under an epoch.
  ///
  /// - Parameters:
  ///   - since: Nothing before it counts as covered; nil leaves what was loaded.
  ///   - isPartial: Whether others may have begun orders that are not in here.
  func begin(
    epoch: Int64, window: Int64, at now: Int64, since: Int64? = nil, isPartial: Bool
  ) throws(StateFileError) {
    if let since { self.since = max(self.since, since) }
    if isPartial { partialUntil = max(partialUntil, now + retention) }
    self.window = max(self.window, window)
    let before = segments
    try open(RecordSegment(epoch: epoch, number: (segments.last { $0.epoch == epoch }?.number ?? 0) + 1))
    try compact(before, at: now)
    expire(at: now)
  }

  /// The other orders of an effect that are in the record, by their client order ids.
  func twins(of id: String, effect: UInt64) -> [String] {
    let key = RecordSegment.key(id.utf8)
    var found: [UInt128] = []
    for segment in segments {
      for other in segment.effects.keys(of: effect) where other != key && !found.contains(other) { found.append(other) }
    }
    return found.map(RecordSegment.id)
  }

  /// What an order in the record was begun for; nil where the record does not tell.
  func action(of id: String) -> RecordedAction? {
    guard let key = RecordSegment.key(id.utf8) else { return nil }
    for segment in segments {
      if let letter = segment.actions[key] { return RecordedAction(letter: letter) }
    }
    return nil
  }

  /// Writes what is not in the record yet, with one fsync, and tells of each whether it was.
  func cover(_ orders: [RecordedOrder], at now: Int64) throws(StateFileError) -> [Bool] {
    let keys = orders.map { RecordSegment.key($0.id.utf8) }
    // An id that is not one of ours cannot be told from others, so it counts as begun.
    let known = keys.map { key in key.map { key in segments.contains { $0.actions[key] != nil } } ?? true }
    let fresh = orders.indices.filter { !known[$0] }
    guard !fresh.isEmpty else { return known }
    try rotate(at: now)
    do {
      try writer?.append(RecordSegment.batch(fresh.map { orders[$0] }, at: now, lastResult))
    } catch {
      // Its file may end in the middle of a line; the next batch goes to another.
      writer = nil
      throw error
    }
    let last = segments.count - 1
    for index in fresh {
      let order = orders[index]
      if let key = keys[index] { segments[last].insert(key, effect: order.effect, action: order.action) }
    }
    segments[last].moments = (segments[last].moments?.first ?? now, now)
    return known
  }

  /// Remembers the last result that was appended; it is written with the next batch.
  func note(result id: String, stateKey: String) {
    lastResult = (id, stateKey)
  }

  /// Goes on in a new segment where the last one is full, old or broken.
  private func rotate(at now: Int64) throws(StateFileError) {
    guard let last = segments.last else { return }
    let isOld = last.moments.map { now - $0.first > retention / 8 } ?? false
    guard writer == nil || last.count >= segmentLimit || isOld else { return }
    expire(at: now)
    try open(RecordSegment(epoch: last.epoch, number: last.number + 1))
  }

  private func open(_ segment: RecordSegment) throws(StateFileError) {
    var segment = segment
    (segment.since, segment.partialUntil, segment.window) = (since, partialUntil, window)
    writer = try RecordWriter(creating: segment.name, in: folder, segment.header)
    segments.append(segment)
    lastEpoch = segment.epoch
  }

  /// Removes the segments that have expired or are too many, the oldest first. A file that cannot be removed now is
  /// removed later.
  private func expire(at now: Int64) {
    while segments.count > 1, let oldest = segments.first {
      let isOver = oldest.moments.map { $0.last < now - retention } ?? true
      guard isOver || count > limit - segmentLimit else { break }
      if let last = oldest.moments?.last { since = max(since, last + 1) }
      unlink("\(folder)/\(oldest.name)")
      segments.removeFirst()
    }
  }

  /// After many starts brings many small segments together in the new one: they are written there before they go.
  private func compact(_ old: [RecordSegment], at now: Int64) throws(StateFileError) {
    let actions = old.reduce(into: [UInt128: UInt8]()) { $0.merge($1.actions) { first, _ in first } }
    guard old.count > 16, actions.count < segmentLimit, let writer else { return }
    if !actions.isEmpty {
      let effects = old.reduce(into: [UInt128: UInt64]()) { $0.merge($1.effects.effects) { first, _ in first } }
      let orders = actions.map { key, letter in
        RecordedOrder(id: RecordSegment.id(key), effect: effects[key], action: RecordedAction(letter: letter))
      }
      try writer.append(RecordSegment.batch(orders, at: now, lastResult))
      for (key, letter) in actions {
        segments[segments.count - 1].insert(key, effect: effects[key], action: RecordedAction(letter: letter))
      }
      segments[segments.count - 1].moments = (now, now)
    }
    for segment in old { unlink("\(folder)/\(segment.name)") }
    segments.removeFirst(old.count)
  }

  private static func names(in folder: String) throws(StateFileError) -> [String] {
    guard let stream = opendir(folder) else { throw StateFileError(path: folder, action: "read", code: errno) }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      names.append(withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) })
    }
    return names
  }
}
