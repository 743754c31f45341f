/// What systemd knows of one unit at one moment. A value that systemd does not know, or that a unit of this type does
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
