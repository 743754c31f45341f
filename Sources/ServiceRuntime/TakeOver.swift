package import EventBus
internal import Trading

/// Where a service begins to read when its group is not there yet: `QUANTUM_GROUP_START`.
package struct TakeOver: Sendable, Hashable {
  package static let key = "QUANTUM_GROUP_START"

  package let place: GroupStart.Place

  package init(_ environment: inout EnvironmentReader) throws(EnvironmentError) {
    place = try environment.value(
      Self.key, default: .undecided, should: "beginning, end or group:<name of another group>"
    ) { text in
      switch text {
      case "beginning": .beginning
      case "end": .end
      default: text.hasPrefix("group:") && text.utf8.count > 6 ? .behind(String(text.dropFirst(6))) : nil
      }
    }
  }

  /// How a consumer is told.
  func start(of group: Group) -> GroupStart {
    GroupStart(place, marker: Names.Key.started(group.name))
  }

  /// Runs a consumer's loop, and names the setting where somebody has to decide.
  package static func explaining(_ loop: () throws -> Void) throws {
    do {
      try loop()
    } catch let error as GroupStartError {
      throw TakeOverError(error)
    }
  }
}

/// The service cannot start until somebody has decided where.
package struct TakeOverError: Error, Sendable, Hashable, CustomStringConvertible {
  private let reason: GroupStartError

  init(_ reason: GroupStartError) {
    self.reason = reason
  }

  package var description: String {
    "\(reason); set \(TakeOver.key) to group:<name> (go on behind that group), end (leave out what is there) or "
      + "beginning (read all of it) and start again"
  }
}
