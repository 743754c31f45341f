internal import EventBus
public import Redis
internal import Trading

/// Refuses to trade on a Redis that lost its data: what was ordered before is not known there any more, and every intent
/// that comes again would become a second order.
///
/// The mark that Redis carries is remembered in a file of the service's own.
public struct GenesisGuard: Sendable {
  private let file: StateFile
  private let genesis = Genesis(key: Names.Key.genesis)

  /// - Parameter folder: Where the mark is remembered; it outlives the service and belongs to one Redis.
  public init(rememberingIn folder: String) {
    file = StateFile(path: folder + "/genesis")
  }

  /// Passes when this is the Redis that is remembered, when there was none before, or when an operator has accepted its
  /// loss.
  ///
  /// - Throws: `GenesisError`, or a `RedisError` or `StateFileError` when the question could not be answered.
  public func check(on connection: Connection) throws {
    let remembered = try file.read()
    switch try genesis.verdict(remembered: remembered, on: connection) {
    case .same: return
    case .unfamiliar(let mark): try file.write(mark)
    case .new: try file.write(try genesis.establish(Self.freshMark(), on: connection))
    case .lost(let remembered):
      try accept(remembered, else: .lost(remembered: remembered), on: connection)
    case .other(let mark, let remembered):
      try accept(remembered, else: .other(mark: mark, remembered: remembered), on: connection)
    }
  }

  /// Goes on with the Redis as it is, if an operator has named the very mark that is lost.
  private func accept(_ remembered: String, else error: GenesisError, on connection: Connection) throws {
    guard try connection.call(["GET", Names.Key.genesisAccepted]).string == remembered else { throw error }
    try file.write(try genesis.establish(Self.freshMark(), on: connection))
    try connection.call(["DEL", Names.Key.genesisAccepted])
  }

  private static func freshMark() -> String {
    String(UInt64.random(in: .min ... .max), radix: 36) + "-" + String(UInt64.random(in: .min ... .max), radix: 36)
  }
}
