import Testing

@testable import Systemd

struct BusTests {
  @Test(.enabled(if: !RealSystemd.isBooted))
  func `where systemd is not PID 1, it cannot be reached`() {
    let error = #expect(throws: SystemdError.self) { try ServiceManager(timeout: .seconds(1)) }
    guard case .noBus = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    ("org.freedesktop.systemd1.NoSuchUnit", SystemdError.noSuchUnit("a.service")),
    ("org.freedesktop.systemd1.UnitMasked", .masked(unit: "a.service")),
    ("org.freedesktop.DBus.Error.AccessDenied", .permissionDenied(operation: "start", subject: "a.service")),
    (
      "org.freedesktop.DBus.Error.InteractiveAuthorizationRequired",
      .permissionDenied(operation: "start", subject: "a.service")
    ),
    ("org.freedesktop.DBus.Error.NoReply", .timedOut(operation: "start", subject: "a.service")),
    (
      "org.freedesktop.systemd1.LoadFailed",
      .refused(
        operation: "start", subject: "a.service", name: "org.freedesktop.systemd1.LoadFailed", message: "why")
    ),
  ])
  func `an error's name says what kind it is`(name: String, error: SystemdError) {
    #expect(SystemdError.named(name, message: "why", operation: "start", subject: "a.service") == error)
    #expect("\(error)".contains("'a.service'"))
  }

  @Test(arguments: [
    (Duration.zero, UInt64(1)), (.nanoseconds(1), 1), (.microseconds(5), 5), (.nanoseconds(5_001), 6),
    (.seconds(25), 25_000_000), (.seconds(Int64.max), 1_000_000_000_000_000),
  ])
  func `a limit is never the bus's word for none`(limit: Duration, microseconds: UInt64) {
    #expect(limit.busMicroseconds == microseconds)
  }

  @Test(arguments: [1, 2, 9])
  func `a connection that ends while calls are under way is no answer to any of them`(_ count: Int) throws {
    let bus = try HangingBus.connect(calls: count)
    let calls = try (1...count).map { try bus.message("GetUnit", operation: "ask", subject: "\($0)") }
    #expect(throws: SystemdError.disconnected(operation: "ask")) { try bus.call(calls) }
  }

  @Test func `what systemd does not know is not known`() {
    let status = UnitProperties(values: [
      "Type": .string("simple"), "MainPID": .unsigned(0), "MemoryCurrent": .unsigned(.max),
      "TasksCurrent": .unsigned(.max), "WatchdogUSec": .unsigned(0), "TimeoutStopUSec": .unsigned(.max),
      "ExecMainCode": .signed(0), "ExecMainStatus": .signed(0), "StatusText": .string(""),
      "ActiveEnterTimestamp": .unsigned(0), "ActiveEnterTimestampMonotonic": .unsigned(0),
      "InvocationID": .array([]), "Job": .structure([.unsigned(0), .string("/")]), "ConditionResult": .bool(false),
      "ConditionTimestamp": .unsigned(0), "NRestarts": .unsigned(0),
    ]).status(of: "a.service")
    var expected = UnitStatus(unit: "a.service")
    expected.loadState = LoadState(rawValue: "")
    expected.activeState = ActiveState(rawValue: "")
    expected.serviceType = "simple"
    expected.nRestarts = 0
    #expect(status == expected)
  }
}
