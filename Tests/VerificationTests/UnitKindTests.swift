import Deployment
import FoundationEssentials
import Testing

@testable import Verification

/// When a unit of each type is up, and what a baseline excuses.
@Suite struct UnitKindTests {
  static func view(
    _ active: String, _ sub: String = "dead", type: String? = "simple", result: String = "success",
    _ change: (inout UnitView) -> Void = { _ in }
  ) -> UnitView {
    var view = UnitView(active: active, sub: sub, result: result)
    view.serviceType = type
    change(&view)
    return view
  }

  static func judge(
    _ view: UnitView, target: ExpectedUnit.Target? = nil, before: Baseline.Unit? = nil, changed: Bool = false
  ) -> CheckResult {
    var unit = ExpectedUnit("x.service", target: target)
    unit.isChanged = changed
    return UnitActive.judge(unit, .init(view: .success(view), before: before))
  }

  @Test(arguments: [
    (view("inactive", type: "oneshot") { $0.hasRun = true }, CheckResult.Status.pass, "its last run succeeded"),
    (view("inactive", type: "oneshot") { $0.isEnabled = true }, .fail, "it has not run since the boot"),
    (view("inactive", type: "oneshot"), .pass, "nothing enables it"),
    (view("failed", "failed", type: "oneshot", result: "exit-code"), .fail, "result exit-code"),
    (view("activating", "start", type: "oneshot"), .pass, "running now"),
    (view("active", "exited", type: "oneshot"), .pass, "active (exited)"),
    (view("active", "waiting", type: nil), .pass, "active (waiting)"),
    (view("active", "listening", type: nil), .pass, "active (listening)"),
    (view("inactive", type: nil), .fail, "expected active, is inactive (dead)"),
    // A timer decides when it runs; a socket only starts it.
    (view("inactive") { $0.triggeredBy = ["x.timer"] }, .pass, "as found"),
    (view("failed", "failed", result: "signal") { $0.triggeredBy = ["x.timer"] }, .fail, "expected not failed"),
    (view("inactive") { $0.triggeredBy = ["x.socket"] }, .fail, "expected active"),
    (
      view("failed", "failed", type: "oneshot", result: "start-limit-hit") {
        $0.triggeredBy = ["x.timer"]
        $0.lastExitWasZero = true
      }, .pass, "started more often than it allows"
    ),
    (
      view("inactive", type: "oneshot") {
        $0.triggeredBy = ["x.socket"]; $0.isEnabled = true
      }, .pass, "as found"
    ),
    (
      view("inactive") { $0.unmetConditions = ["ConditionPathExists=/etc/licence"] }, .fail,
      "its condition was not met (ConditionPathExists=/etc/licence)"
    ),
  ])
  func aUnitIsUpAsItsTypeHasIt(view: UnitView, status: CheckResult.Status, words: String) {
    let result = Self.judge(view)
    #expect(result.status == status && result.detail.contains(words), "\(result)")
  }

  @Test func aStoppedUnitMustNotRunAndAnAsFoundOneIsAsItWas() {
    #expect(Self.judge(Self.view("inactive"), target: .stopped).status == .pass)
    #expect(Self.judge(Self.view("active", "running"), target: .stopped).status == .fail)
    let up = Baseline.Unit(condition: .sound, state: "active (running)", isUp: true)
    let down = Baseline.Unit(condition: .sound, state: "inactive (dead)", isUp: false)
    #expect(Self.judge(Self.view("inactive"), target: .asFound, before: down).status == .pass)
    #expect(Self.judge(Self.view("inactive"), target: .asFound, before: up).status == .fail)
  }

  static let looping = Baseline.Unit(condition: .crashLooping, state: "activating (auto-restart)", isUp: true)
  static let failed = Baseline.Unit(condition: .failed, state: "failed (failed)", isUp: false)
  static let restarting = view("activating", "auto-restart", result: "exit-code")
  static let dead = view("failed", "failed", result: "exit-code")

  @Test(
    arguments: [
      (restarting, looping, false, CheckResult.Status.warn), (restarting, failed, false, .warn),
      (restarting, nil, false, .fail), (restarting, looping, true, .fail), (dead, looping, false, .fail),
      (dead, failed, false, .warn), (dead, Baseline.Unit(condition: .sound, state: "", isUp: true), false, .fail),
    ] as [(UnitView, Baseline.Unit?, Bool, CheckResult.Status)])
  func whatWasFailingBeforeWarnsUntilItIsWorse(
    view: UnitView, before: Baseline.Unit?, changed: Bool, status: CheckResult.Status
  ) {
    let result = Self.judge(view, before: before, changed: changed)
    #expect(result.status == status, "\(result)")
    if status == .warn { #expect(result.detail.contains("before the transaction it was")) }
  }

  @Test func aUnitThatSystemdJustRestartedIsCrashLooping() {
    var view = Self.view("active", "running")
    #expect(view.condition == .sound)
    (view.restarts, view.upFor) = (16_699, .seconds(3))
    #expect(view.condition == .crashLooping)
    view.upFor = .seconds(3600)
    #expect(view.condition == .sound)
  }

  @Test func anotherRunOfWhatATimerStartsIsNoRestart() {
    let start = Self.view("active", "running", type: "oneshot") {
      $0.invocation = "a"; $0.pid = 1
    }
    let again = Self.view("inactive", type: "oneshot") { $0.invocation = "b" }
    #expect(UnitStable.broken(from: start, to: again) == nil)
    let failed = Self.view("failed", "failed", type: "oneshot", result: "exit-code") { $0.invocation = "b" }
    #expect(UnitStable.broken(from: start, to: failed)?.contains("a run of it failed (exit-code)") == true)
  }

  @Test func whatWasStoppedWithAUnitMustBeBack() {
    #expect(UnitNeighbours.judge("n.service", .success(Self.view("active", "running"))).status == .pass)
    let down = UnitNeighbours.judge("n.service", .success(Self.view("inactive")))
    #expect(down.status == .fail && down.detail.contains("systemctl start n.service"))
    #expect(UnitTriggers.judge("t.timer", .success(Self.view("inactive", type: nil))).status == .fail)
    var subject = VerificationSubject(units: [])
    subject.others = ["n.service", "t.timer", "s.socket"]
    #expect(UnitNeighbours.items(of: subject) == ["n.service"] && UnitTriggers.items(of: subject).count == 2)
  }

  @Test func aUnitWhoseFileTheReleaseBringsIsOneOfItsUnits() {
    let brought = ExpectedUnit.brought(by: [
      "/etc/systemd/system/job.service", "/etc/systemd/system/x@.service", "/usr/lib/systemd/system/job.timer",
      "/etc/systemd/system/job.service.d/a.conf", "/usr/local/bin/job.service", "/etc/systemd/system/readme.txt",
    ])
    #expect(brought.map(\.name) == ["job.service", "job.timer"])
    #expect(brought.allSatisfy { $0.target == .asFound })
  }

  @Test func aJournalOfAnEarlierVersionHasNoUnits() throws {
    let old = try JSONDecoder().decode(Baseline.self, from: Data(#"{"streams":{},"deadLetters":{}}"#.utf8))
    #expect(old.units == nil)
    let new = Baseline(units: ["x.service": Self.looping])
    #expect(try JSONDecoder().decode(Baseline.self, from: JSONEncoder().encode(new)) == new)
  }
}
