import Deployment
import Testing

@testable import Watching

@Suite("Looks beside the looks before")
struct ComparisonTests {
  private static let rules = LookRules(every: 60, failures: 3)

  private static func look(_ minute: Int, _ checks: [CheckResult] = [], units: [String: UnitSample] = [:]) -> Look {
    var look = Look(at: minute * 60, boot: "a", checks: checks)
    look.units = units
    return look
  }

  private static func lag(_ waiting: Int, delivered: String, limit: Int = 1000, stream: String = "s") -> CheckResult {
    CheckResult(
      id: "group.lag", subject: "g", status: waiting > limit ? .fail : .pass, detail: "",
      evidence: [
        "stream": .string(stream), "counted_at_least": .int(waiting), "last_delivered": .string(delivered),
        "limit": .int(limit),
      ])
  }

  private static func probe(_ seconds: Double) -> CheckResult {
    CheckResult(
      id: "execution.terminal", subject: "x.service", status: .pass, detail: "",
      evidence: ["waited_seconds": .double(seconds)])
  }

  private static func letters(_ new: Int, before: Int = 0) -> CheckResult {
    CheckResult(
      id: "dead.letters", subject: "dead", status: new > 0 ? .fail : .pass, detail: "",
      evidence: [
        "new": .int(new), "seconds": .double(60), "before": .int(before), "before_seconds": .double(600),
        "last": "5-1",
      ])
  }

  @Test("a restart is found once, and a unit that restarts now and then again and again")
  func restarts() {
    var comparison = Comparison()
    func add(_ minute: Int, _ count: Int) -> [CheckResult] {
      comparison.add(Self.look(minute, units: ["a.service": UnitSample(restarts: count)]), Self.rules)
    }
    #expect(add(0, 4).isEmpty)
    #expect(add(1, 5).map(\.id) == ["watch.restarts"])
    #expect(add(2, 5).isEmpty)
    // Somebody started it: systemd counts anew.
    #expect(add(3, 0).isEmpty)
    // Every seventh minute.
    #expect(add(10, 1).count == 1)
    #expect(add(11, 1).isEmpty)
    #expect(add(14, 2).count == 1)
    for minute in 15...20 { #expect(add(minute, 2).count == 1, "\(minute)") }
    // Twenty looks later they are forgotten.
    #expect(add(40, 2).isEmpty)
  }

  @Test("a unit that restarts leaves what it held before behind, and a reboot leaves everything behind")
  func runs() {
    var comparison = Comparison()
    let rules = LookRules(every: 60, failures: 3)
    // Each run holds more than the one before and no more in itself.
    for minute in 0..<20 {
      let run = minute / 5
      let sample = UnitSample(run: "\(run)", restarts: 0, memory: 100 + 200 * run, ceiling: 1000)
      #expect(comparison.add(Self.look(minute, units: ["a.service": sample]), rules).isEmpty)
    }
    var after = Look(at: 1, boot: "b", checks: [])
    after.units = ["a.service": UnitSample(run: "z", restarts: 3, memory: 10, ceiling: 1000)]
    #expect(comparison.add(after, rules).isEmpty)
  }

  @Test("a group that delivers nothing while entries wait is not read, also where both are few")
  func groups() {
    var comparison = Comparison()
    #expect(comparison.add(Self.look(0, [Self.lag(0, delivered: "1-0")]), Self.rules).isEmpty)
    #expect(comparison.add(Self.look(1, [Self.lag(2, delivered: "1-0")]), Self.rules).isEmpty)
    let found = comparison.add(Self.look(2, [Self.lag(5, delivered: "1-0")]), Self.rules)
    #expect(found.map(\.id) == ["watch.group"] && found.first?.detail.contains("not read") == true)
    #expect(comparison.add(Self.look(3, [Self.lag(5, delivered: "2-0")]), Self.rules).isEmpty)
    // What the check fails on is not told twice.
    #expect(comparison.add(Self.look(4, [Self.lag(2000, delivered: "2-0")]), Self.rules).isEmpty)
    // Another stream's group of the same name is another one.
    #expect(comparison.add(Self.look(5, [Self.lag(3, delivered: "2-0", stream: "t")]), Self.rules).isEmpty)
  }

  @Test("a group that falls behind is found before its limit, and one with a busy day is not")
  func fallsBehind() {
    var (behind, busy) = (Comparison(), Comparison())
    var found: [Int] = []
    for minute in 0..<1440 {
      let waiting = min(999, minute * 5)
      if !behind.add(Self.look(minute, [Self.lag(waiting, delivered: "\(minute)-0")]), Self.rules).isEmpty {
        found.append(waiting)
      }
      let load = 150 + (minute % 720 < 360 ? minute % 360 : 360 - minute % 360) / 2 + minute * 7919 % 60
      #expect(busy.add(Self.look(minute, [Self.lag(load, delivered: "\(minute)-0")]), Self.rules).isEmpty, "\(minute)")
    }
    #expect((found.first ?? 1000) < 750, "\(found.prefix(3))")
  }

  @Test("what takes four times as long as after the deploy is slow; a hiccup is told once, and milliseconds never")
  func slow() {
    var comparison = Comparison()
    comparison.begin(with: [Self.probe(0.4)])
    for minute in 0..<5 { #expect(comparison.add(Self.look(minute, [Self.probe(0.4)]), Self.rules).isEmpty) }
    #expect(comparison.add(Self.look(6, [Self.probe(1.9)]), Self.rules).isEmpty)
    #expect(comparison.add(Self.look(7, [Self.probe(2.5)]), Self.rules).map(\.id) == ["watch.seconds"])
    #expect(comparison.add(Self.look(8, [Self.probe(0.5)]), Self.rules).isEmpty)
    // A look without a probe says nothing of it.
    _ = comparison.add(Self.look(9, [Self.probe(3)]), Self.rules)
    #expect(comparison.add(Self.look(10), Self.rules).isEmpty)
    var quick = Comparison()
    for minute in 0..<5 { _ = quick.add(Self.look(minute, [Self.probe(0.002)]), Self.rules) }
    #expect(quick.add(Self.look(6, [Self.probe(0.3)]), Self.rules).isEmpty)
  }

  @Test("dead letters count from look to look: as many as before the release may come, one that comes once passes")
  func deadLetters() {
    var none = Comparison()
    #expect(none.add(Self.look(0, [Self.letters(0)]), Self.rules).isEmpty)
    #expect(none.add(Self.look(1, [Self.letters(1)]), Self.rules).map(\.id) == ["watch.letters"])
    #expect(none.add(Self.look(2, [Self.letters(0, before: 1)]), Self.rules).isEmpty)
    // A stream that grows since the release does not become usual by growing.
    for minute in 3..<30 { #expect(none.add(Self.look(minute, [Self.letters(1, before: 9)]), Self.rules).count == 1) }
    var some = Comparison()
    #expect(some.add(Self.look(0, [Self.letters(9, before: 60)]), Self.rules).isEmpty)
    #expect(some.add(Self.look(1, [Self.letters(40, before: 60)]), Self.rules).count == 1)
  }

  @Test("what only warns is never found")
  func lenient() {
    var comparison = Comparison()
    let rules = LookRules(every: 60, failures: 3, lenient: ["a.service", "g", "dead", "x.service"])
    for minute in 0..<30 {
      let unit = UnitSample(run: "1", restarts: minute, memory: minute * 30, ceiling: 1000)
      let checks = [Self.lag(3, delivered: "1-0"), Self.letters(3), Self.probe(minute < 5 ? 0.1 : 5)]
      #expect(comparison.add(Self.look(minute, checks, units: ["a.service": unit]), rules).isEmpty)
    }
  }
}
