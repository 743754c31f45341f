/// The state of one unit at one moment. A value that systemd does not know, or that a unit of this type does
/// not have, is `nil` or empty, never 0. systemd forgets a unit that is down, did not fail and is not needed by another;
/// what it did is in the journal alone then.
public struct UnitStatus: Sendable, Hashable {
  /// The unit's own name, also when it was asked for by an alias.
  public var unit: String
  /// Every name of the unit, aliases included.
  public var names: [String] = []
  public var unitDescription = ""

  public var loadState: LoadState = .stub
  /// Why the unit could not be loaded.
  public var loadError: String?
  public var activeState: ActiveState = .inactive
  /// The state in the terms of the unit's type, such as `running`, `auto-restart` or `stop-sigterm`.
  public var subState = ""
  /// How a service last ended, such as `success`, `exit-code`, `signal`, `timeout`, `watchdog`, `start-limit-hit`.
  public var result: String?
  /// The result of the last `Condition…=` check; `nil` when none was made yet.
  public var conditionResult: Bool?
  /// The number of the job that is queued for the unit.
  public var jobID: UInt32?

  /// As of the last load. After enabling or masking, `ServiceManager.unitFileState(of:)` is right at once.
  public var unitFileState: UnitFileState = .absent
  /// The unit file.
  public var fragmentPath: String?
  public var dropInPaths: [String] = []
  /// Whether a file of the unit changed on disk since it was loaded. systemd 252 does not notice a new folder of drop-ins.
  public var needDaemonReload = false
  /// Whether the unit's definition knows how to reload.
  public var canReload = false

  /// 32 hexadecimal digits, new with every start; `nil` when the unit was never started.
  public var invocationID: String?
  public var stateChange: UnitTimestamp?
  public var activeEnter: UnitTimestamp?
  public var activeExit: UnitTimestamp?
  public var inactiveEnter: UnitTimestamp?

  /// `Type=`, such as `notify`; `nil` for a unit that is not a service, as all that follows.
  public var serviceType: String?
  public var mainPID: Int32?
  public var controlPID: Int32?
  /// Automatic restarts (`Restart=`) since the last manual start or `resetFailed`.
  public var nRestarts: UInt32?
  /// The command lines of every `Exec…=` directive in the order in which they run.
  public var commands: [ExecCommand] = []
  public var environmentFiles: [EnvironmentFile] = []
  /// `Environment=`, as `NAME=value`. It may hold secrets: never show it.
  public var environment: [String] = []
  /// `User=`; `nil`: root, or a dynamic user of the unit's own name.
  public var user: String?
  public var group: String?
  public var dynamicUser: Bool?
  /// As systemd gives it: `~` is the user's home, a leading `!` means that it may be absent.
  public var workingDirectory: String?
  public var rootDirectory: String?
  public var controlGroup: String?

  /// The first process of the current or last run.
  public var execMainPID: Int32?
  public var execMainStart: UnitTimestamp?
  public var execMainExit: UnitTimestamp?
  /// How the main process ended: 1 exited, 2 killed, 3 dumped core (`si_code` of waitid(2)); `nil` while it runs.
  public var execMainCode: Int32?
  /// Its exit status, or its signal when `execMainCode` is not 1; `nil` while it runs.
  public var execMainStatus: Int32?

  /// The last `STATUS=` that the service sent.
  public var statusText: String?
  /// `WatchdogSec=`; `nil`: no watchdog.
  public var watchdog: Duration?
  public var watchdogLast: UnitTimestamp?
  public var timeoutStart: Duration?
  public var timeoutStop: Duration?

  /// Bytes in use by the unit's control group.
  public var memoryCurrent: UInt64?
  /// CPU time used by the unit's control group.
  public var cpuUsage: Duration?
  public var tasksCurrent: UInt64?

  /// A unit about which nothing is known but its name.
  public init(unit: String) { self.unit = unit }

  /// The command lines of `ExecStart=`.
  public var execStart: [ExecCommand] { commands.filter { $0.directive == "ExecStart" } }

  /// Whether the unit is up and not on its way elsewhere.
  public var isActive: Bool { activeState == .active }
}

/// What a unit is doing, as systemd names it. The set is open.
public struct ActiveState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let active = ActiveState(rawValue: "active")
  public static let reloading = ActiveState(rawValue: "reloading")
  public static let inactive = ActiveState(rawValue: "inactive")
  public static let failed = ActiveState(rawValue: "failed")
  /// On the way to `active`; also a service that waits to be restarted.
  public static let activating = ActiveState(rawValue: "activating")
  public static let deactivating = ActiveState(rawValue: "deactivating")
  public static let maintenance = ActiveState(rawValue: "maintenance")

  /// Whether nothing of the unit runs and nothing is about to: `inactive` or `failed`.
  public var isDown: Bool { self == .inactive || self == .failed }

  public var description: String { rawValue }
}

/// Whether systemd could read a unit's definition, in its own word. The set is open.
public struct LoadState: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  public let rawValue: String

  public init(rawValue: String) { self.rawValue = rawValue }

  public static let loaded = LoadState(rawValue: "loaded")
  /// There is no such unit.
  public static let notFound = LoadState(rawValue: "not-found")
  public static let masked = LoadState(rawValue: "masked")
  /// The unit file misses something without which it cannot run, such as `ExecStart=`.
  public static let badSetting = LoadState(rawValue: "bad-setting")
  public static let error = LoadState(rawValue: "error")
  /// The name is an alias of another unit.
  public static let merged = LoadState(rawValue: "merged")
  public static let stub = LoadState(rawValue: "stub")

  public var description: String { rawValue }
}

/// One command line of a service.
public struct ExecCommand: Sendable, Hashable {
  /// The directive that it stands in, such as `ExecStart` or `ExecStartPre`.
  public var directive: String
  /// The absolute path of the executable.
  public var path: String
  /// All arguments, the zeroth (usually the path) included; specifiers are expanded, variables are not.
  public var arguments: [String]
  /// systemd's words for the prefixes of the line: `ignore-failure` (`-`), `privileged` (`+`), `no-setuid` (`!`),
  /// `ambient` (`!!`), `no-env-expand` (`:`).
  public var flags: Set<String>

  public init(directive: String, path: String, arguments: [String], flags: Set<String> = []) {
    self.directive = directive
    self.path = path
    self.arguments = arguments
    self.flags = flags
  }

  public var ignoresFailure: Bool { flags.contains("ignore-failure") }
  /// Whether the command runs as root whatever `User=` says.
  public var isPrivileged: Bool { flags.contains("privileged") }
}

/// A file that a service takes its environment from. systemd reads it as root.
public struct EnvironmentFile: Sendable, Hashable {
  /// The absolute path as written; it may be a glob pattern.
  public var path: String
  /// Whether the service starts without it (written with a leading `-`).
  public var isOptional: Bool

  public init(path: String, isOptional: Bool) {
    self.path = path
    self.isOptional = isOptional
  }
}

/// A moment in the life of a unit, by both of systemd's clocks.
public struct UnitTimestamp: Sendable, Hashable {
  /// Microseconds since 1970, UTC.
  public var realtime: Int64
  /// Microseconds of CLOCK_MONOTONIC: since boot, without time asleep. Compare moments of one boot by this one.
  public var monotonic: Int64

  public init(realtime: Int64, monotonic: Int64) {
    self.realtime = realtime
    self.monotonic = monotonic
  }
}
