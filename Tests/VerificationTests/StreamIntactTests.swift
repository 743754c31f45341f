import Deployment
import Testing

@testable import Verification

@Suite struct StreamIntactTests {
  static let wanted = Manifest.ConsumerGroup(stream: "s", group: "g")

  /// A stream by its numbers; ids are plain milliseconds.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var length: Int, last: UInt64, deleted: UInt64 = 0, added: Int?, first: UInt64?
    var delivered: UInt64, read: Int?, lag: Int?, waiting: Count
    var gone: ClosedRange<UInt64>?
    var status: CheckResult.Status, words: String

    var testDescription: String { name }
  }

  static func id(_ number: UInt64) -> EntryID { EntryID(milliseconds: number, sequence: 0) }

  static let cases = [
    Case(
      name: "all there", length: 10, last: 10, added: 10, first: 1, delivered: 4, read: 4, lag: 6,
      waiting: .exactly(6), status: .pass, words: "nothing undelivered is missing"),
    Case(
      name: "trimmed behind what was delivered", length: 6, last: 10, added: 10, first: 5, delivered: 4, read: 4,
      lag: 6, waiting: .exactly(6), status: .pass, words: "nothing undelivered"),
    Case(
      name: "trimmed before delivery", length: 4, last: 10, added: 10, first: 7, delivered: 3, read: 3, lag: 7,
      waiting: .exactly(4), status: .fail, words: "3 entries of s were removed before the group received them"),
    Case(
      name: "the 740,496 of the incident", length: 10_006, last: 800_000, added: 800_000, first: 789_995,
      delivered: 49_498, read: 49_498, lag: 750_502, waiting: .exactly(10_006), status: .fail,
      words: "740496 entries"),
    Case(
      name: "lost at some time, and read to the end since", length: 4, last: 10, added: 10, first: 7, delivered: 10,
      read: 7, lag: 3, waiting: .exactly(0), status: .fail, words: "XGROUP SETID s g 10-0 ENTRIESREAD 10"),
    Case(
      name: "a newer Redis that forgets the lag but not its counters", length: 4, last: 10, added: 10, first: 7,
      delivered: 3, read: 3, lag: 4, waiting: .exactly(4), status: .fail, words: "3 entries"),
    Case(
      name: "an undelivered entry deleted by hand", length: 9, last: 10, deleted: 8, added: 10, first: 1, delivered: 4,
      read: 4, lag: nil, waiting: .exactly(5), status: .warn, words: "deleted by hand (XDEL, up to 8-0)"),
    Case(
      name: "a deletion does not hide a trim", length: 2, last: 10, deleted: 8, added: 10, first: 9, delivered: 4,
      read: 4, lag: nil, waiting: .exactly(2), status: .fail, words: "4 entries"),
    Case(
      name: "the last delivered one deleted, so that the lag is null", length: 9, last: 10, deleted: 4, added: 10,
      first: 1, delivered: 4, read: 4, lag: nil, waiting: .exactly(6), status: .pass, words: "nothing undelivered"),
    Case(
      name: "a group made at a place in the middle", length: 10, last: 10, added: 10, first: 1, delivered: 4, read: nil,
      lag: nil, waiting: .exactly(6), status: .pass, words: "nothing undelivered"),
    Case(
      name: "a group made at the end of a trimmed stream", length: 3, last: 10, added: 10, first: 8, delivered: 10,
      read: nil, lag: 0, waiting: .exactly(0), status: .pass, words: "nothing undelivered"),
    Case(
      name: "unknown counters, and the head is gone", length: 3, last: 10, added: 10, first: 8, delivered: 4,
      read: nil, lag: nil, waiting: .exactly(3), status: .warn, words: "unknown: Redis does not know"),
    Case(
      name: "millions wait, more than the stream can hold", length: 2_000_000, last: 9_000_000, added: 9_000_000,
      first: 7_000_001, delivered: 10, read: 10, lag: 8_999_990, waiting: .atLeast(10_000), status: .fail,
      words: "at least 6999990 entries"),
    Case(
      name: "millions wait and are there", length: 9_000_000, last: 9_000_000, added: 9_000_000, first: 1,
      delivered: 10, read: 10, lag: 8_999_990, waiting: .atLeast(10_000), status: .pass, words: "nothing undelivered"),
    Case(
      name: "trimmed while pending", length: 4, last: 10, added: 10, first: 7, delivered: 8, read: 8, lag: 2,
      waiting: .exactly(2), gone: 3...5, status: .fail, words: "removed from s while pending, the oldest 3-0"),
    Case(
      name: "perhaps deleted while pending", length: 4, last: 10, deleted: 6, added: 10, first: 7, delivered: 8,
      read: 8, lag: 2, waiting: .exactly(2), gone: 3...5, status: .warn, words: "XDEL may have taken them"),
    Case(
      name: "a stream never written to", length: 0, last: 0, added: 0, first: nil, delivered: 0, read: nil, lag: 0,
      waiting: .exactly(0), status: .pass, words: "nothing undelivered"),
  ]

  @Test(arguments: cases) func lossIsCountedAndNothingElseIs(_ given: Case) {
    let stream = StreamView(
      length: given.length, lastGenerated: Self.id(given.last), maxDeleted: Self.id(given.deleted), added: given.added,
      first: given.first.map(Self.id))
    var group = GroupView(name: "g", pending: 0, lastDelivered: Self.id(given.delivered))
    group.read = given.read
    group.lag = given.lag
    group.waiting = given.waiting
    group.gone = given.gone.map {
      GroupView.Gone(oldest: Self.id($0.lowerBound), newest: Self.id($0.upperBound), count: .exactly($0.count))
    }
    let result = StreamIntact.judge(Self.wanted, GroupObservation(group, on: stream))
    #expect(result.status == given.status, "\(result.detail)")
    #expect(result.detail.contains(given.words), "\(result.detail)")
  }
}
