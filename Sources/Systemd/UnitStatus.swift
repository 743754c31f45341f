/// The state of one unit at one moment. A value that systemd does not know, or that a unit of this type does
/// not have, is `nil` or empty, never 0. systemd forgets a unit that is down, did not fail and is not needed by another;
/// what it did is in the journal alone then.
package struct UnitStatus: Sendable, Hashable {
  /// The unit's own name, also when it was asked for by an alias.
  package var unit: String
  /// Every name of the unit, aliases included.
  package var names: [String] = []
  package var unitDescription = ""

  package var loadState: LoadState = .stub
  /// Why the unit could not be loaded.
  package var loadError: String?
  package var activeState: ActiveState = .inactive
  /// The state in the terms of the unit's type, such as `running`, `auto-restart` or `stop-sigterm`.
  package var subState = ""
  /// How a service last ended, such as `success`, `exit-code`, `signal`, `timeout`, `watchdog`, `start-limit-hit`.
  package var result: String?
  /// The result of the last `Condition…=` check; `nil` when none was made yet.
  package var conditionResult: Bool?
  /// The number of the job that is queued for the unit.
  package var jobID: UInt32?

  /// As of the last load. After enabling or masking, `ServiceManager.unitFileState(of:)` is right at once.
  package var unitFileState: UnitFileState = .absent
  /// The unit file.
  package var fragmentPath: String?
  package var dropInPaths: [String] = []
  /// Whether a file of the unit changed on disk since it was loaded. systemd 252 does not notice a new folder of drop-ins.
  package var needDaemonReload = false
  /// Whether the unit's definition knows how to reload.
  package var canReload = false

  /// 32 hexadecimal digits, new with every start; `nil` when the unit was never started.
  package var invocationID: String?
  package var stateChange: UnitTimestamp?
  package var activeEnter: UnitTimestamp?
  package var activeExit: UnitTimestamp?
  package var inactiveEnter: UnitTimestamp?

  /// `Type=`, such as `notify`; `nil` for a unit that is not a service, as all that follows.
  package var serviceType: String?
  package var mainPID: Int32?
  package var controlPID: Int32?
  /// Automatic restarts (`Restart=`) since the last manual start or `resetFailed`.
  package var nRestarts: UInt32?
  /// `Restart=`, such as `on-failure`, and how long systemd waits before it does so (`RestartSec=`).
  package var restart: String?
  package var restartDelay: Duration?
  /// The command lines of every `Exec…=` directive in the order in which they run.
  package var commands: [ExecCommand] = []
  package var environmentFiles: [EnvironmentFile] = []
  /// `Environment=`, as `NAME=value`. It may hold secrets: never show it.
  package var environment: [String] = []
  /// `User=`; `nil`: root, or a dynamic user of the unit's own name.
  package var user: String?
  package var group: String?
  package var dynamicUser: Bool?
  /// As systemd gives it: `~` is the user's home, a leading `!` means that it may be absent.
  package var workingDirectory: String?
  package var rootDirectory: String?
  package var controlGroup: String?

  /// The first process of the current or last run.
  package var execMainPID: Int32?
  package var execMainStart: UnitTimestamp?
  package var execMainExit: UnitTimestamp?
  /// How the main process ended: 1 exited, 2 killed, 3 dumped core (`si_code` of waitid(2)); `nil` while it runs.
  package var execMainCode: Int32?
  /// Its exit status, or its signal when `execMainCode` is not 1; `nil` while it runs.
  package var execMainStatus: Int32?

  /// The last `STATUS=` that the service sent.
  package var statusText: String?
  /// `WatchdogSec=`; `nil`: no watchdog.
  package var watchdog: Duration?
  package var watchdogLast: UnitTimestamp?
  package var timeoutStart: Duration?
  package var timeoutStop: Duration?

  /// Bytes in use by the unit's control group.
  package var memoryCurrent: UInt64?
  /// `MemoryMax=`; `nil`: no limit.
  package var memoryMax: UInt64?
  /// CPU time used by the unit's control group.
  package var cpuUsage: Duration?
  package var tasksCurrent: UInt64?

  /// A unit about which nothing is known but its name.
  package init(unit: String) { self.unit = unit }

  /// The command lines of `ExecStart=`.
  package var execStart: [ExecCommand] { commands.filter { $0.directive == "ExecStart" } }

  /// Whether the unit is up and not on its way elsewhere.
  package var isActive: Bool { activeState == .active }
}

/// What a unit is doing, as systemd names it. The set is open.
package struct ActiveState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package static let active = ActiveState(rawValue: "active")
  package static let reloading = ActiveState(rawValue: "reloading")
  package static let inactive = ActiveState(rawValue: "inactive")
  package static let failed = ActiveState(rawValue: "failed")
  /// On the way to `active`; also a service that waits to be restarted.
  package static let activating = ActiveState(rawValue: "activating")
  package static let deactivating = ActiveState(rawValue: "deactivating")
  package static let maintenance = ActiveState(rawValue: "maintenance")

  /// Whether nothing of the unit runs and nothing is about to: `inactive` or `failed`.
  package var isDown: Bool { self == .inactive || self == .failed }

  package var description: String { rawValue }
}

/// Whether systemd could read a unit's definition, in its own word. The set is open.
package struct LoadState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package static let loaded = LoadState(rawValue: "loaded")
  /// There is no such unit.
  package static let notFound = LoadState(rawValue: "not-found")
  package static let masked = LoadState(rawValue: "masked")
  /// The unit file misses something without which it cannot run, such as `ExecStart=`.
  package static let badSetting = LoadState(rawValue: "bad-setting")
  package static let error = LoadState(rawValue: "error")
  /// The name is an alias of another unit.
  package static let merged = LoadState(rawValue: "merged")
  package static let stub = LoadState(rawValue: "stub")

  package var description: String { rawValue }
}

/// One command line of a service.
package struct ExecCommand: Sendable, Hashable {
  /// The directive that it stands in, such as `ExecStart` or `ExecStartPre`.
  package var directive: String
  /// The absolute path of the executable.
  package var path: String
  /// All arguments, the zeroth (usually the path) included; specifiers are expanded, variables are not.
  package var arguments: [String]
  /// systemd's words for the prefixes of the line: `ignore-failure` (`-`), `privileged` (`+`), `no-setuid` (`!`),
  /// `ambient` (`!!`), `no-env-expand` (`:`).
  package var flags: Set<String>

  package init(directive: String, path: String, arguments: [String], flags: Set<String> = []) {
    self.directive = directive
    self.path = path
    self.arguments = arguments
    self.flags = flags
  }

  package var ignoresFailure: Bool { flags.contains("ignore-failure") }
  /// Whether the command runs as root whatever `User=` says.
  package var isPrivileged: Bool { flags.contains("privileged") }
}

/// A file that a service takes its environment from. systemd reads it as root.
package struct EnvironmentFile: Sendable, Hashable {
  /// The absolute path as written; it may be a glob pattern.
  package var path: String
  /// Whether the service starts without it (written with a leading `-`).
  package var isOptional: Bool

  package init(path: String, isOptional: Bool) {
    self.path = path
    self.isOptional = isOptional
  }
}

/// A moment in the life of a unit, by both of systemd's clocks.
package struct UnitTimestamp: Sendable, Hashable {
  /// Microseconds since 1970, UTC.
  package var realtime: Int64
  /// Microseconds of CLOCK_MONOTONIC: since boot, without time asleep. Compare moments of one boot by this one.
  package var monotonic: Int64

  package init(realtime: Int64, monotonic: Int64) {
    self.realtime = realtime
    self.monotonic = monotonic
  }
}
