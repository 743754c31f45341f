internal import Basics
internal import Deployment

/// Nothing was removed from the stream before this group received and acknowledged it.
///
/// Redis counts every entry added and every entry a group was given. An entry that was added, was not given and no longer
/// exists is lost. Only XADD and XTRIM with MAXLEN or MINID remove entries from the head of a stream; XDEL removes any,
/// and is a person's decision rather than an accident.
enum StreamIntact: GroupCheck {
  static let id = "stream.intact"

  static func judge(_ wanted: Manifest.ConsumerGroup, _ seen: GroupObservation) -> CheckResult {
    let (group, stream, before) = (seen.group, seen.stream, seen.before)
    let missing = missing(group, on: stream)
    let evidence: Evidence = [
      "stream": .string(wanted.stream), "lost": .optional(missing?.least), "lag": .optional(group.lag),
      "counted": .optional(group.waiting.exact), "length": .int(stream.length),
      "entries_added": .optional(stream.added), "entries_read": .optional(group.read),
      "last_delivered": .string("\(group.lastDelivered)"), "first": .optional(stream.first?.description),
      "max_deleted": .string("\(stream.maxDeleted)"), "pending_gone": .int(group.gone?.count.least ?? 0),
    ]
    if let missing, missing.least > 0 {
      if deletedByHand(group, on: stream) {
        return warn(
          wanted.group,
          "\(missing.text) undelivered entries were deleted by hand (XDEL, up to \(stream.maxDeleted)); nothing was"
            + " trimmed", evidence)
      }
      let sentence = lost(missing, wanted, group, on: stream)
      return excused(missing, before?.lost)
        ? warn(wanted.group, "\(sentence); it was the same before the transaction", evidence)
        : fail(wanted.group, sentence, evidence)
    }
    if let gone = group.gone {
      let result = pendingGone(gone, wanted, on: stream, evidence)
      guard result.status == .fail, excused(gone.count, before?.gone) else { return result }
      return warn(wanted.group, "\(result.detail); it was the same before the transaction", evidence)
    }
    if missing == nil, !provedWhole(group, on: stream) {
      return warn(
        wanted.group,
        "unknown: Redis does not know how many entries the group was given, and the stream's older entries are gone;"
          + " it will know once the group has read to the end", evidence)
    }
    return pass(wanted.group, "nothing undelivered is missing from \(wanted.stream)", evidence)
  }

  /// Entries added, not delivered, and not there any more; `nil` where Redis does not know.
  static func missing(_ group: GroupView, on stream: StreamView) -> Count? {
    guard let added = stream.added, let read = group.read else { return nil }
    let due = added - read
    switch group.waiting {
    case .exactly(let there): return .exactly(max(0, due - there))
    // No more than the whole stream can be waiting.
    case .atLeast: return due > stream.length ? .atLeast(due - stream.length) : nil
    }
  }

  /// Whether no more is missing than was before. More than can be counted is always more.
  private static func excused(_ count: Count, _ before: Int?) -> Bool {
    guard let before, let count = count.exact else { return false }
    return count <= before
  }

  /// Whether XDEL explains what is missing: it deleted behind the last delivered entry, and the head of the stream,
  /// from which alone trimming takes, still holds what was delivered.
  private static func deletedByHand(_ group: GroupView, on stream: StreamView) -> Bool {
    guard stream.maxDeleted > group.lastDelivered, let first = stream.first else { return false }
    return first <= group.lastDelivered
  }

  /// Whether the counters are not needed: nothing waits, nothing was ever removed, or the head is still there.
  private static func provedWhole(_ group: GroupView, on stream: StreamView) -> Bool {
    if group.lastDelivered >= stream.lastGenerated || stream.added == stream.length { return true }
    guard let first = stream.first else { return false }
    return first <= group.lastDelivered
  }

  private static func lost(
    _ missing: Count, _ wanted: Manifest.ConsumerGroup, _ group: GroupView, on stream: StreamView
  ) -> String {
    var sentence =
      "\(missing.text) entries of \(wanted.stream) were removed before the group received them; a program trims it"
      + " (XADD or XTRIM with MAXLEN) without regard to what was delivered"
    // The difference stays in Redis' counters for good, so the message says how to correct them.
    if let there = group.waiting.exact, let added = stream.added {
      sentence +=
        "; once that is understood: XGROUP SETID \(wanted.stream) \(wanted.group) \(group.lastDelivered) ENTRIESREAD"
        + " \(added - there)"
    }
    return sentence
  }

  private static func pendingGone(
    _ gone: GroupView.Gone, _ wanted: Manifest.ConsumerGroup, on stream: StreamView, _ evidence: Evidence
  ) -> CheckResult {
    let what = "\(gone.count.text) entries were removed from \(wanted.stream) while pending, the oldest \(gone.oldest)"
    if stream.maxDeleted >= gone.newest {
      return warn(wanted.group, "\(what); XDEL may have taken them, which reached up to \(stream.maxDeleted)", evidence)
    }
    return fail(
      wanted.group, "\(what): their content is lost, and their consumers cannot finish them; look for MAXLEN", evidence)
  }
}
