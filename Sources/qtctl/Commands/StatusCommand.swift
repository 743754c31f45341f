import ArgumentParser
import Basics
import Deployment
import FileOperations
import HostState
import Releases
import Status
import Systemd
import Terminal
import Verification

struct StatusCommand: QtctlCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what runs, what is wrong, and what is going on.",
    discussion:
      "Without a manifest at hand, shows everything that was deployed on this host. Users other than root see "
      + "units and consumer groups, of the manifest at hand or of the units named.\n\n"
      + ExitStatusHelp.list([.done, .wrong, .refused]))

  @OptionGroup var global: GlobalOptions

  @Flag(help: "Redraw every 2 s until q is pressed.")
  var watch = false

  @Argument(help: "Units of the manifest (default: all).", completion: Completions.units)
  var units: [String] = []

  func validate() throws {
    if watch && global.json { throw ValidationError("--watch and --json cannot be used together; remove one of them") }
  }

  func perform(_ session: Session) async throws -> Report {
    let (lookups, unreadable) = try lookups(session)
    let names = try lookups.count == 1 ? lookups.flatMap { try units.isEmpty ? [] : $0.select(units) } : fullNames
    let manager = try ServiceManager()
    func look(_ known: HostStatus?) -> HostStatus {
      var status = StatusReader(session.environment, manager, now: Clock.seconds)
        .read(lookups, units: names, reusing: known)
      status.problems += unreadable
      return status
    }
    if watch {
      try StatusWatch(console: session.console).run(look)
      return Report("status", .done)
    }
    return report(look(nil))
  }

  private var fullNames: [String] { units.map { $0.contains(".") ? $0 : $0 + ".service" } }

  /// What is asked for: the manifest at hand, else all that was deployed.
  ///
  /// - Returns: beside it what cannot be read; it hides nothing else.
  private func lookups(_ session: Session) throws -> ([ManifestLookup], [HostStatus.Problem]) {
    let environment = session.environment
    guard Caller.isRoot else { return (try unprivileged(environment), []) }
    let isNamed = global.manifest != nil || global.name != nil
    let names = (try? InstalledReleases(environment.state).names()) ?? []
    if isNamed || names.count < 2 || ManifestLookup.path(named: nil, environment: environment) != nil {
      return ([try session.lookup(units: units)], [])
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
  private func unprivileged(_ environment: Environment) throws -> [ManifestLookup] {
    if global.name == nil, let lookup = try ManifestLookup(withoutRecords: global.manifest, environment: environment) {
      return [lookup]
    }
    guard units.isEmpty else { return [] }
    throw Refusal([
      "no manifest at hand, and only root may read qtctl's records; run: sudo qtctl status, or name units: "
        + "qtctl status UNIT"
    ])
  }

  private func report(_ status: HostStatus) -> Report {
    var report = Report("status", .done)
    report.content = .status(status)
    report.exit = status.problems.isEmpty ? .done : .wrong
    var sentences = status.releases.map(StatusText.sentence)
    if let running = status.transaction {
      sentences.append(
        "a transaction is in progress: pid \(running.pid) of \(running.user), '\(running.command)', in "
          + "'\(running.phase)', since \(UTC.text(running.started))")
    }
    sentences += status.problems.map { "\($0.subject) \($0.what)" + ($0.command.map { "; see: \($0)" } ?? "") }
    report.message = sentences.joined(separator: "\n")
    return report
  }
}
