internal import Basics
internal import Deployment

/// What a stream's key holds, as one script saw it in one instant: numbers taken one after the other contradict each
/// other while the stream moves.
enum KeyView: Sendable, Equatable {
  case none
  /// A key of another type, by Redis' name for it.
  case other(String)
  case stream(StreamView)
}

struct StreamView: Sendable, Equatable {
  var length: Int
  var lastGenerated: EntryID
  /// The highest entry that XDEL removed; zero where it removed none.
  var maxDeleted: EntryID
  /// How many entries were ever added; `nil` where Redis does not know.
  var added: Int?
  /// `nil` where the stream is empty.
  var first: EntryID?
  var groups: [GroupView] = []

  func group(_ name: String) -> GroupView? { groups.first { $0.name == name } }
}

struct GroupView: Sendable, Equatable {
  var name: String
  var pending: Int
  var lastDelivered: EntryID
  /// How many entries were ever delivered; `nil` is unknown.
  var read: Int?
  /// How many wait according to Redis; `nil` is unknown, and after a trim it is too high.
  var lag: Int?
  /// How many were counted behind the last delivered one.
  var waiting: Count = .exactly(0)
  /// Pending entries before the stream's first entry: their content is gone. The oldest and their count.
  var gone: Gone?
  var oldestPending: EntryID?
  /// Of the oldest hundred pending entries the one that was delivered the longest ago.
  var longestPending: PendingView?
  var consumers: [ConsumerView] = []

  struct Gone: Sendable, Equatable {
    var oldest: EntryID
    var newest: EntryID
    var count: Count
  }
}

/// One entry that was delivered and not acknowledged.
struct PendingView: Sendable, Equatable {
  var id: EntryID
  var consumer: String
  /// Since it was last delivered.
  var idle: Duration
}

/// A count that stops at a bound, so that a stream of millions costs no more than a stream of thousands.
enum Count: Sendable, Equatable {
  case exactly(Int)
  case atLeast(Int)

  var exact: Int? { if case .exactly(let number) = self { number } else { nil } }
  var least: Int {
    switch self {
    case .exactly(let number), .atLeast(let number): number
    }
  }
  var text: String {
    switch self {
    case .exactly(let number): "\(number)"
    case .atLeast(let number): "at least \(number)"
    }
  }
}

struct ConsumerView: Sendable, Equatable {
  var name: String
  var pending: Int
  /// Since it was last given an entry; a read that times out does not count (Redis 7.0).
  var idle: Duration
}

extension GroupView {
  var evidence: JSONValue {
    .object([
      "name": .string(name), "pending": .int(pending), "last_delivered": .string("\(lastDelivered)"),
      "lag": .optional(lag), "consumers": .int(consumers.count),
    ])
  }
}

extension ConsumerView {
  var evidence: JSONValue {
    .object(["name": .string(name), "pending": .int(pending), "idle_seconds": .double(idle.inSeconds)])
  }
}
