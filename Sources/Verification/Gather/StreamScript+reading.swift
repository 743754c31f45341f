internal import Deployment
internal import Redis

extension StreamScript {
  /// What a reply to ``command(key:limits:)`` says.
  static func read(_ reply: Reply) -> Result<KeyView, Unseen> {
    if let error = reply.serverError { return .failure(Unseen(RedisTrouble.text(error))) }
    guard let parts = reply.array, let kind = parts.first?.string else { return malformed }
    if kind == "none" { return .success(.none) }
    guard kind == "stream" else { return .success(.other(kind)) }
    guard parts.count == 7, let length = parts[1].integer, let last = id(parts[2]), let deleted = id(parts[3]),
      let rawGroups = parts[6].array
    else { return malformed }
    var view = StreamView(
      length: Int(length), lastGenerated: last, maxDeleted: deleted, added: parts[4].integer.map { Int($0) },
      first: id(parts[5]))
    for raw in rawGroups {
      guard let group = group(raw) else { return malformed }
      view.groups.append(group)
    }
    return .success(.stream(view))
  }

  private static let malformed = Result<KeyView, Unseen>.failure(
    Unseen("Redis described the stream in a form that is not understood; version 7 or later is needed"))

  static func id(_ reply: Reply) -> EntryID? { reply.string.flatMap { EntryID($0) } }

  /// A name as text; the bytes of one that is not UTF-8 are repaired, for it is only shown.
  private static func name(_ reply: Reply) -> String? {
    reply.string ?? reply.rawBytes.map { String(decoding: $0, as: UTF8.self) }
  }

  private static func group(_ reply: Reply) -> GroupView? {
    guard let parts = reply.array, parts.count == 13, let name = name(parts[0]), let pending = parts[1].integer,
      let delivered = id(parts[2]), let behind = parts[5].integer, let exact = parts[6].integer,
      let goneCount = parts[9].integer, let longest = parts[11].array,
      let rawConsumers = parts[12].array
    else { return nil }
    var group = GroupView(name: name, pending: Int(pending), lastDelivered: delivered)
    group.read = parts[3].integer.map { Int($0) }
    group.lag = parts[4].integer.map { Int($0) }
    group.waiting = exact == 1 ? .exactly(Int(behind)) : .atLeast(Int(behind))
    if let oldest = id(parts[7]), let newest = id(parts[8]) {
      let count = Int(goneCount)
      group.gone = GroupView.Gone(
        oldest: oldest, newest: newest, count: count < bound ? .exactly(count) : .atLeast(count))
    }
    group.oldestPending = id(parts[10])
    if longest.count == 3, let id = id(longest[0]), let consumer = self.name(longest[1]), let idle = longest[2].integer
    {
      group.longestPending = PendingView(id: id, consumer: consumer, idle: .milliseconds(idle))
    }
    for raw in rawConsumers {
      guard let consumer = raw.array, consumer.count == 3, let name = self.name(consumer[0]),
        let pending = consumer[1].integer, let idle = consumer[2].integer
      else { return nil }
      group.consumers.append(ConsumerView(name: name, pending: Int(pending), idle: .milliseconds(idle)))
    }
    return group
  }
}
