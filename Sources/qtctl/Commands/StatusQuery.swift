import Basics
import Deployment
import FileOperations
import HostState
import Presentation
import Releases
import Status
import Systemd

/// What of a host's status is asked for. It is looked up anew each time: a deploy may have come in between.
struct StatusQuery: Sendable {
  var manifest: String?
  var name: String?
  /// As they were typed.
  var units: [String]
  var environment: Environment

  /// - Parameter known: what was found a moment ago.
  func look(reusing known: HostStatus? = nil) throws -> HostStatus {
    let (lookups, unreadable) = try lookups()
    let names = try lookups.count == 1 ? lookups.flatMap { try units.isEmpty ? [] : $0.select(units) } : fullNames
    var status = StatusReader(environment, try ServiceManager(), now: Clock.seconds)
      .read(lookups, units: names, reusing: known)
    status.problems += unreadable
    return status
  }

  private var fullNames: [String] { units.map { $0.contains(".") ? $0 : $0 + ".service" } }

  /// What is asked for: the manifest at hand, else all that was deployed.
  ///
  /// - Returns: beside it what cannot be read; it hides nothing else.
  private func lookups() throws -> ([ManifestLookup], [HostStatus.Problem]) {
    guard Caller.isRoot else { return (try unprivileged(), []) }
    let isNamed = manifest != nil || name != nil
    let names = (try? InstalledReleases(environment.state).names()) ?? []
    if isNamed || names.count < 2 || ManifestLookup.path(named: nil, environment: environment) != nil {
      return ([try ManifestLookup(named: manifest, name: name, units: units, environment: environment)], [])
    }
    var (found, unreadable): ([ManifestLookup], [HostStatus.Problem]) = ([], [])
    for name in names.sorted() {
      do {
        found.append(try ManifestLookup(named: nil, name: name, environment: environment))
      } catch {
        unreadable.append(.init(name, "cannot be looked at: \(error)"))
      }
    }
    guard !units.isEmpty else { return (found, unreadable) }
    let known = found.flatMap(\.units)
    if let unknown = fullNames.first(where: { !known.contains($0) }) {
      let meant = NearestWord.nearest(to: unknown, in: known).map { "did you mean '\($0)'?" }
      throw Refusal([
        "\(unknown): not a unit of anything that was deployed on this host; " + (meant ?? "'qtctl status' shows them")
      ])
    }
    return (found.filter { !Set($0.units).isDisjoint(with: fullNames) }, [])
  }

  /// For whoever may not read qtctl's records.
  private func unprivileged() throws -> [ManifestLookup] {
    if name == nil, let lookup = try ManifestLookup(withoutRecords: manifest, environment: environment) {
      return [lookup]
    }
    guard units.isEmpty else { return [] }
    throw Refusal([
      "no manifest at hand, and only root may read qtctl's records; run: sudo qtctl status, or name units: "
        + "qtctl status UNIT"
    ])
  }
}
