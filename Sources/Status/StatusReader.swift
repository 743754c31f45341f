internal import Backups
internal import Basics
package import Deployment
internal import FileOperations
package import HostState
package import Releases
package import Systemd
internal import Transactions
internal import Verification
internal import Watching

/// Looks at a host, changes nothing, and takes no lock. What this user may not see is left out and said.
package struct StatusReader {
  let environment: Environment
  let manager: ServiceManager
  let now: Int

  package init(_ environment: Environment, _ manager: ServiceManager, now: Int) {
    self.environment = environment
    self.manager = manager
    self.now = now
  }

  /// - Parameters:
  ///   - lookups: the releases that are asked for.
  ///   - units: only these units; empty: all of the releases.
  ///   - known: what was found a moment ago, for whoever looks again and again: files and logs, which take long to read,
  ///     are as they were then.
  package func read(
    _ lookups: [ManifestLookup], units: [String] = [], reusing known: HostStatus? = nil
  ) -> HostStatus {
    var status = HostStatus()
    status.transaction = transaction()
    if Caller.isRoot {
      status.interrupted = Recovery.waiting(environment.state)
      if let interrupted = status.interrupted {
        status.problems.append(.init("qtctl", interrupted, command: "qtctl recover"))
      }
    } else {
      status.notes.append("only root sees transactions, history, drift and backups; run: sudo qtctl status")
    }
    for lookup in lookups { add(lookup, only: units, known, to: &status) }
    let seen = Set(status.units.map(\.unit))
    for unit in units where lookups.isEmpty && !seen.contains(unit) { add(unit, of: nil, [:], to: &status) }
    return status
  }

  private func add(
    _ lookup: ManifestLookup, only names: [String], _ known: HostStatus?, to status: inout HostStatus
  ) {
    var release = ReleaseStatus(name: lookup.name)
    release.installed = lookup.installed
    release.isRecorded = Caller.isRoot
    // What is half done is one problem, not many.
    let isQuiet = status.transaction == nil && status.interrupted == nil
    let subject = subject(lookup)
    let troubles = isQuiet ? subject?.unitTroubles() ?? [:] : [:]
    let units = lookup.units.filter { names.isEmpty || names.contains($0) }
    for unit in units { add(unit, of: lookup.name, troubles, to: &status) }
    guard names.isEmpty else {
      status.releases.append(release)
      return
    }
    addHistory(&release)
    addWatch(&release, &status)
    if let subject, !subject.verify.groups.isEmpty {
      let (groups, trouble) = subject.groupStandings()
      release.groups = groups
      if let trouble {
        status.problems.append(.init(lookup.name, trouble, command: "qtctl verify --name \(lookup.name)"))
      }
      if isQuiet {
        status.problems += groups.flatMap { group in
          group.problems.map { .init(group.group, $0, command: "qtctl verify --name \(lookup.name)") }
        }
      }
    }
    // Of another release, nothing that was found holds.
    let before = known?.releases.first { $0.name == lookup.name && $0.installed == lookup.installed }
    do {
      release.events = try before?.events ?? TradeEvents.look(lookup.manifest.verify, now: now)
    } catch {
      status.notes.append("the journal cannot be read: \(error)")
    }
    if isQuiet, let installed = lookup.installed {
      addDrift(installed, before?.drift, to: &release, &status)
    }
    addBackups(lookup, to: &release, &status)
    status.releases.append(release)
  }

  // MARK: Units

  private func add(_ unit: String, of name: String?, _ troubles: [String: CheckResult], to status: inout HostStatus) {
    let look = UnitLook(manager: manager, now: now)
    do {
      var line = try look.line(unit)
      line.name = name
      if let trouble = look.trouble(line) {
        line.problem = trouble
      } else if let result = troubles[unit], result.status == .fail {
        line.problem = result.detail.prefix { $0 != ";" }.description
      }
      if let problem = line.problem {
        let subject = line.unit == unit ? unit : "\(unit) (\(line.unit))"
        status.problems.append(
          .init(subject, problem, command: "qtctl logs \(ShellWord.of(unit))", lines: look.lastLines(of: line.unit)))
      }
      status.units.append(line)
    } catch {
      status.problems.append(.init(unit, "cannot be looked at: \(error)"))
    }
  }

  private func subject(_ lookup: ManifestLookup) -> VerificationSubject? {
    (try? VerificationSpec(lookup, redis: environment.redis)).map(HealthVerifier.subject)
  }

  // MARK: Records

  private func transaction() -> HostStatus.Running? {
    guard let holder = LockHolder.current(environment.state) else { return nil }
    var running = HostStatus.Running(
      pid: holder.pid, user: holder.user, command: holder.command, phase: holder.stage, started: holder.started,
      seconds: max(0, now.subtractingSaturated(holder.started)))
    running.left = holder.deadline.map { max(0, $0.subtractingSaturated(TransactionLock.secondsSinceBoot)) }
    let records = (try? TransactionJournal(environment.state).read()) ?? []
    if let begin = InterruptedTransaction(records)?.begin, begin.pid == holder.pid {
      (running.name, running.from, running.to) = (begin.name, begin.from, begin.to)
    }
    let past = (try? History(environment.state).last(100, of: running.name).entries) ?? []
    let alike = past.filter { $0.verb == HistoryEntry.verb(of: holder.command) && $0.exit == 0 && $0.stamp != nil }
      .suffix(5).map(\.seconds).sorted()
    running.usual = alike.isEmpty ? nil : alike[alike.count / 2]  // trap: within the count
    return running
  }

  private func addHistory(_ release: inout ReleaseStatus) {
    guard Caller.isRoot, let entries = try? History(environment.state).last(50, of: release.name).entries else {
      return
    }
    let last = entries.lastIndex { !$0.isCommand }
    release.last = last.map { entries[$0] }
    release.lastCommand = entries.suffix(from: last.map { $0 + 1 } ?? 0).last { $0.isCommand }
  }

  private func addWatch(_ release: inout ReleaseStatus, _ status: inout HostStatus) {
    guard Caller.isRoot else { return }
    do {
      guard let watch = try WatchStore(environment.state).record(release.name) else { return }
      // How one ended is told until something else happens.
      if let end = watch.end, let last = release.last, last.started > end.at { return }
      release.watch = watch
      if let trouble = watch.trouble(at: now) {
        status.problems.append(.init(release.name, trouble.what, command: trouble.command))
      }
    } catch {
      status.problems.append(.init(release.name, "its watch cannot be read: \(error)"))
    }
  }

  private func addDrift(
    _ installed: InstalledRecord, _ known: [Drift]?, to release: inout ReleaseStatus, _ status: inout HostStatus
  ) {
    let found = known ?? Self.drift(installed)
    release.drift = found
    guard let first = found.first else { return }
    let more = found.count == 1 ? "" : "and \(found.count - 1) more files "
    status.problems.append(
      .init(
        first.path, "\(more)of \(installed.name) changed since the last transaction",
        command: "qtctl verify --name \(installed.name) --stable 0s"))
  }

  /// The files that are not as the last transaction left them; their contents are read.
  package static func drift(_ installed: InstalledRecord) -> [Drift] {
    var files: [String: FileState] = [:]
    for file in installed.files where !file.keep {
      // What cannot be read cannot be called changed.
      files[file.path] = (try? FileState.read(shared: file.path, expecting: file.state)) ?? file.state
    }
    return installed.drift(in: Inventory(files: files, units: [:]))
  }

  private func addBackups(_ lookup: ManifestLookup, to release: inout ReleaseStatus, _ status: inout HostStatus) {
    let store = BackupStore(path: lookup.storePath)
    let stamps = try? store.stamps()
    let filesystem = try? Filesystem(holding: store.path)
    let space = filesystem?.space
    release.backups = BackupSpace(
      store: store.path, count: stamps?.count, newest: stamps?.first, free: space?.free, size: space?.all)
    let files = (lookup.installed?.files ?? []).map(\.state).filter(\.exists)
    if let shortage = filesystem?.shortage(bytes: files.compactMap(\.size).saturatedSum, files: files.count) {
      status.problems.append(
        .init(lookup.name, "another backup may not fit: \(shortage)", command: "qtctl backups prune --dry-run"))
    }
  }
}
