import Deployment
import Testing

@testable import Verification

@Suite struct UnitCheckTests {
  static let unit = "quantum-execution.service"

  static func view(
    load: String = "loaded", active: String = "active", sub: String = "running", result: String = "success",
    pid: Int? = 10, invocation: String? = "a1", restarts: Int? = 0
  ) -> UnitView {
    UnitView(
      load: load, active: active, sub: sub, result: result, pid: pid, invocation: invocation, restarts: restarts)
  }

  @Test(arguments: [
    (view(), CheckResult.Status.pass, "active (running), pid 10"),
    (view(active: "reloading", sub: "reload"), .pass, "reloading"),
    (view(sub: "exited", pid: nil), .pass, "active (exited)"),
    (
      view(active: "activating", sub: "auto-restart", result: "exit-code", pid: nil, restarts: 5), .fail,
      "expected active, is activating (auto-restart, result exit-code, restarted 5 times)"
    ),
    (view(active: "failed", sub: "failed", result: "watchdog", pid: nil), .fail, "result watchdog"),
    (view(active: "inactive", sub: "dead", pid: nil, invocation: nil), .fail, "inactive (dead); see its log"),
    (view(load: "not-found", active: "inactive", sub: "dead"), .fail, "no unit file"),
    (view(load: "masked", active: "inactive", sub: "dead"), .fail, "systemctl unmask"),
    (view(load: "bad-setting", active: "inactive", sub: "dead"), .fail, "refuses its unit file"),
  ])
  func activeMeansActive(view: UnitView, status: CheckResult.Status, words: String) {
    let result = UnitActive.judge(ExpectedUnit(Self.unit), .init(view: .success(view)))
    #expect(result.id == "unit.active" && result.subject == Self.unit)
    #expect(result.status == status)
    #expect(result.detail.contains(words), "\(result.detail)")
    #expect(result.evidence["active"] == .string(view.active))
  }

  @Test func aSystemdThatCannotBeAskedFails() {
    let result = UnitActive.judge(ExpectedUnit(Self.unit), .init(view: .failure(ProbeError("no bus"))))
    #expect(result.status == .fail)
    #expect(result.detail.contains("no bus"))
  }

  @Test func anUnknownCounterIsNullAndNotZero() {
    let result = UnitActive.judge(ExpectedUnit(Self.unit), .init(view: .success(Self.view(pid: nil, restarts: nil))))
    #expect(result.evidence["restarts"] == .null)
    #expect(result.evidence["main_pid"] == .null)
  }

  @Test(
    arguments: [
      (view(), nil),
      (view(active: "reloading"), nil),
      (view(restarts: 1), "restarted it once (counter 0 to 1)"),
      (view(restarts: 16699), "restarted it 16699 times"),
      (view(invocation: "b2"), "started anew (invocation a1 became b2)"),
      (view(pid: 11), nil),
      (view(pid: nil), "its main process, pid 10, ended"),
      (view(active: "failed", sub: "failed", result: "signal"), "became failed (signal)"),
      (view(active: "inactive", sub: "dead"), "became inactive (dead)"),
    ] as [(UnitView, String?)])
  func whatBreaksARunIsNamed(now: UnitView, words: String?) {
    let broken = UnitStable.broken(from: Self.view(), to: now)
    if let words {
      #expect(broken?.contains(words) == true, "\(broken ?? "nothing")")
    } else {
      #expect(broken == nil)
    }
  }

  @Test func aCounterThatWasHighAndDoesNotRiseIsNoRestart() {
    #expect(UnitStable.broken(from: Self.view(restarts: 6568), to: Self.view(restarts: 6568)) == nil)
  }

  static func stable(
    _ now: Result<UnitView, ProbeError>, after elapsed: Duration, endedBecause reason: String? = nil
  ) -> CheckResult {
    UnitStable.judge(
      ExpectedUnit(unit), .init(start: view(), end: UnitWatch.End(now: now, elapsed: elapsed, endedBecause: reason)))
  }

  @Test func aWholeWindowPassesAndOneEndedEarlySaysWhy() {
    let whole = Self.stable(.success(Self.view()), after: .seconds(15))
    #expect(whole.status == .pass)
    #expect(whole.detail == "same run for 15 s, no restart")
    let early = Self.stable(
      .success(Self.view()), after: .milliseconds(2500), endedBecause: "unit.stable of x failed")
    #expect(early.status == .skip)
    #expect(early.detail.contains("2.5 s") && early.detail.contains("unit.stable of x failed"))
  }

  @Test func aBrokenRunFailsWithBothSidesInItsEvidence() {
    let result = Self.stable(.success(Self.view(pid: 11, invocation: "b2")), after: .seconds(3))
    #expect(result.status == .fail)
    #expect(result.evidence["main_pid"] == 10 && result.evidence["main_pid_after"] == 11)
    #expect(Self.stable(.failure(ProbeError("gone")), after: .zero).status == .fail)
  }

  @Test func withoutAWindowOnlyTheWatchdogIsLookedAt() {
    #expect(UnitStable.judge(ExpectedUnit(Self.unit), .init(start: Self.view())).status == .skip)
    var starved = Self.view()
    (starved.watchdog, starved.sinceWatchdog) = (.seconds(2), .seconds(3))
    #expect(UnitStable.judge(ExpectedUnit(Self.unit), .init(start: starved)).status == .fail)
  }
}
