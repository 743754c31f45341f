internal import Backups
internal import Basics
internal import Deployment
internal import FileOperations
package import HostState
package import Systemd
internal import Watching

/// What qtctl knows of this host, for Prometheus: from its records, and of the units from systemd where it is asked.
package struct HostMetrics {
  private typealias Sample = MetricFamily.Sample

  private let state: StateFolder
  private let manager: ServiceManager?

  /// - Parameter manager: `nil`: the units are left out, as in a file that is read much later.
  package init(state: StateFolder, manager: ServiceManager? = nil) {
    self.state = state
    self.manager = manager
  }

  /// - Throws: `FileError` where the records may not be read.
  package func families() throws -> [MetricFamily] {
    let names = try InstalledReleases(state).names().sorted()
    let records = names.compactMap { try? InstalledReleases(state).record($0) }
    let (history, unreadable) = try History(state).last(.max)
    return [
      MetricFamily(
        "qtctl_build_info", .gauge, "The version of qtctl.",
        [Sample(labels: ["version": Program.version], value: 1)]),
      MetricFamily(
        "qtctl_transaction_in_progress", "Whether a transaction holds the lock.",
        LockHolder.current(state) == nil ? 0 : 1),
      MetricFamily(
        "qtctl_transaction_unfinished",
        "Whether a transaction is open: in progress, or interrupted and not undone yet.",
        Files.exists(state.journal) ? 1 : 0),
      MetricFamily(
        "qtctl_records_unreadable", "Records and lines of the history that cannot be read.",
        Double(names.count - records.count + unreadable)),
    ] + releases(records) + watches() + transactions(history) + backups(records) + units(records)
  }

  private func releases(_ records: [InstalledRecord]) -> [MetricFamily] {
    [
      MetricFamily(
        "qtctl_release_info", .gauge, "The release that the last transaction of a name left.",
        records.map { record in
          let labels = ["name": record.name, "version": record.release.version ?? "", "digest": record.release.digest]
          return Sample(labels: labels, value: 1)
        }),
      MetricFamily(
        "qtctl_release_verified", .gauge, "Whether verify has passed on exactly this release.",
        records.map { Sample(labels: ["name": $0.name], value: $0.verified ? 1 : 0) }),
      MetricFamily(
        "qtctl_release_timestamp_seconds", .gauge, "When the release came to be as it is.",
        records.map { Sample(labels: ["name": $0.name], value: Double($0.at)) }),
    ]
  }

  private func watches() -> [MetricFamily] {
    let watches = (try? WatchStore(state).all()) ?? []
    let open = watches.filter { $0.end == nil }
    func gauge(_ name: String, _ help: String, _ all: [WatchRecord], _ value: (WatchRecord) -> Double?) -> MetricFamily
    {
      MetricFamily(
        name, .gauge, help,
        all.compactMap { watch in value(watch).map { Sample(labels: ["name": watch.name], value: $0) } })
    }
    return [
      gauge("qtctl_watch_active", "Whether a release is watched.", watches) { $0.end == nil ? 1 : 0 },
      gauge("qtctl_watch_alarm", "Whether a watch has found a lasting failure that is not over.", watches) {
        $0.course.isAlarmed || $0.end?.kind == .failed ? 1 : 0
      },
      gauge("qtctl_watch_failing_looks", "How many looks in a row have found something.", open) {
        Double($0.course.failing)
      },
      gauge("qtctl_watch_last_look_timestamp_seconds", "When the last look was.", open) {
        $0.lastLook.map(Double.init)
      },
      gauge("qtctl_watch_rolled_back", "Whether the last watch ended with a rollback.", watches) {
        $0.end?.kind == .rolledBack ? 1 : 0
      },
    ]
  }

  private func transactions(_ history: [HistoryEntry]) -> [MetricFamily] {
    let counts = Dictionary(history.map { (Self.labels($0), 1) }, uniquingKeysWith: +)
    let last = Dictionary(history.filter { !$0.isCommand }.map { ($0.name, $0) }) { $1 }.values
    func gauge(_ name: String, _ help: String, _ value: (HistoryEntry) -> Double) -> MetricFamily {
      MetricFamily(name, .gauge, help, last.map { Sample(labels: ["name": $0.name], value: value($0)) })
    }
    return [
      MetricFamily(
        "qtctl_transactions_total", .counter, "Transactions in the history, by command and outcome.",
        counts.map { Sample(labels: $0.key, value: Double($0.value)) }),
      MetricFamily(
        "qtctl_last_transaction_info", .gauge, "How the last transaction of a name ended.",
        last.map { Sample(labels: Self.labels($0), value: 1) }),
      gauge("qtctl_last_transaction_exit_status", "The exit status of the last transaction.") { Double($0.exit) },
      gauge("qtctl_last_transaction_timestamp_seconds", "When the last transaction began.") { Double($0.started) },
      gauge("qtctl_last_transaction_duration_seconds", "How long the last transaction took.") { $0.seconds },
    ]
  }

  private static func labels(_ entry: HistoryEntry) -> [String: String] {
    ["name": entry.name, "command": entry.verb, "outcome": entry.end.rawValue]
  }

  private func backups(_ records: [InstalledRecord]) -> [MetricFamily] {
    let stores = records.map(\.store).uniqued().sorted().map { path in
      (store: path, stamps: (try? BackupStore(path: path).stamps()) ?? [], free: Filesystem.free(at: path))
    }
    return [
      MetricFamily(
        "qtctl_backups", .gauge, "Backups in a store.",
        stores.map { Sample(labels: ["store": $0.store], value: Double($0.stamps.count)) }),
      MetricFamily(
        "qtctl_backup_newest_timestamp_seconds", .gauge, "When the newest backup of a store was taken.",
        stores.compactMap { store in
          store.stamps.max().map { Sample(labels: ["store": store.store], value: Double($0.seconds)) }
        }),
      MetricFamily(
        "qtctl_backup_store_free_bytes", .gauge, "Free disk space where a store lies.",
        stores.compactMap { store in
          store.free.map { Sample(labels: ["store": store.store], value: Double($0)) }
        }),
    ]
  }

  private func units(_ records: [InstalledRecord]) -> [MetricFamily] {
    let found = records.flatMap { record in
      record.units.compactMap { unit in
        (try? manager?.status(of: unit)).map { (labels: ["name": record.name, "unit": unit], status: $0) }
      }
    }
    return [
      MetricFamily(
        "qtctl_unit_active", .gauge, "Whether a unit of a manifest is active.",
        found.map { Sample(labels: $0.labels, value: $0.status.isActive ? 1 : 0) }),
      MetricFamily(
        "qtctl_unit_restarts_total", .counter, "Restarts of a unit by systemd since it was loaded.",
        found.compactMap { unit in
          unit.status.nRestarts.map { Sample(labels: unit.labels, value: Double($0)) }
        }),
    ]
  }
}
