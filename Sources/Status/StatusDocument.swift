internal import Deployment
internal import HostState
internal import Verification
internal import Watching

/// What of a status is beside its units in the document. What is not known is `null`.
package struct StatusDocument: Encodable {
  private let status: HostStatus

  package init(status: HostStatus) { self.status = status }

  private enum Key: String, CodingKey { case transaction, interrupted, releases, problems, notes }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(status.transaction, forKey: .transaction)
    try container.encode(status.interrupted, forKey: .interrupted)
    try container.encode(status.releases.map(Release.init), forKey: .releases)
    try container.encode(status.problems, forKey: .problems)
    try container.encode(status.notes, forKey: .notes)
  }

  private struct Release: Encodable {
    let release: ReleaseStatus

    init(_ release: ReleaseStatus) { self.release = release }

    private enum Key: String, CodingKey {
      case name, release, deployed, verified, last, lastCommand, drift, groups, events, backups, watch
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(release.name, forKey: .name)
      try container.encode(release.installed?.release, forKey: .release)
      try container.encode(release.installed.map { UTC.iso($0.at) }, forKey: .deployed)
      try container.encode(release.installed?.verified, forKey: .verified)
      try container.encode(release.last, forKey: .last)
      try container.encode(release.lastCommand, forKey: .lastCommand)
      try container.encode(release.drift?.map(\.path), forKey: .drift)
      try container.encode(release.groups.map(Group.init), forKey: .groups)
      try container.encode(release.events, forKey: .events)
      try container.encode(release.backups, forKey: .backups)
      try container.encode(release.watch.map(WatchDocument.init), forKey: .watch)
    }
  }

  private struct Group: Encodable {
    let group: GroupStanding

    init(_ group: GroupStanding) { self.group = group }

    private enum Key: String, CodingKey {
      case stream, group, length, pending, lag, lagIsLowest, oldestPendingSeconds, consumers, active, problems
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(group.stream, forKey: .stream)
      try container.encode(group.group, forKey: .group)
      try container.encode(group.length, forKey: .length)
      try container.encode(group.pending, forKey: .pending)
      try container.encode(group.lag, forKey: .lag)
      try container.encode(group.lagIsLowest, forKey: .lagIsLowest)
      try container.encode(group.oldestPending, forKey: .oldestPendingSeconds)
      try container.encode(group.consumers, forKey: .consumers)
      try container.encode(group.active, forKey: .active)
      try container.encode(group.problems, forKey: .problems)
    }
  }
}
