import Deployment
import Testing

@testable import Watching

@Suite("What follows from looks")
struct WatchCourseTests {
  private static func failed(_ id: String, _ subject: String = "a.service") -> CheckResult {
    CheckResult(id: id, subject: subject, status: .fail, detail: "it is down")
  }

  private static func run(_ looks: [[CheckResult]], _ response: WatchResponse) -> [WatchCourse.Action] {
    var course = WatchCourse()
    return looks.map { course.take($0, failures: 3, response: response) }
  }

  @Test("one hiccup, or two, lead to nothing")
  func hiccups() {
    let down = [Self.failed("unit.active")]
    for response in WatchResponse.allCases {
      #expect(Self.run([down, down, [], down, [], down, down, []], response).allSatisfy { $0 == .none })
    }
  }

  @Test("a lasting failure alarms once, and again only after it was over")
  func alarm() {
    let down = [Self.failed("unit.active")]
    #expect(
      Self.run([down, down, down, down, [], down, down, down], .alarm)
        == [.none, .none, .alarm, .none, .recovered, .none, .none, .alarm])
  }

  @Test("different failures in a row are a lasting one as well")
  func rollback() {
    #expect(
      Self.run(
        [[Self.failed("unit.active")], [Self.failed("watch.restarts")], [Self.failed("http.status")]], .rollback)
        == [.none, .none, .rollback])
  }

  @Test("where Redis is away or a file was changed by hand, it is told and nothing is rolled back")
  func host() {
    for id in ["redis.reachable", "files.match", "stream.exists"] {
      let both = [Self.failed(id), Self.failed("unit.active")]
      let down = [Self.failed("unit.active")]
      #expect(
        Self.run([both, both, both, both, down, down, down], .rollback)
          == [.none, .none, .alarm, .none, .none, .none, .rollback], "\(id)")
    }
  }

  @Test("a check of dead letters is left to the comparison, unless it could not look")
  func findings() {
    var counted = Self.failed("dead.letters", "dead")
    counted.evidence = ["new": 3]
    let blind = Self.failed("dead.letters", "dead")
    let passed = CheckResult(id: "unit.active", subject: "a.service", status: .warn, detail: "")
    let compared = [Self.failed("watch.memory")]
    #expect(WatchCourse.findings([counted, blind, passed], compared) == [blind] + compared)
  }

  @Test("what is remembered of a failure is bounded")
  func bounded() {
    var course = WatchCourse()
    var long = Self.failed("unit.active")
    long.detail = String(repeating: "x", count: 100_000)
    _ = course.take(Array(repeating: long, count: 1000), failures: 3, response: .alarm)
    #expect(course.failures.joined().utf8.count < 20_000)
  }
}
