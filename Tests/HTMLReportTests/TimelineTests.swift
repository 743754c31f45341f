import Deployment
import Samples
import Testing

@testable import HTMLReport

@Suite("The timeline of a transaction")
struct TimelineTests {
  private static func step(_ name: String, at: Double? = nil, _ seconds: Double = 1) -> StepResult {
    var step = StepResult(name: name, status: .done, seconds: seconds)
    step.at = at
    return step
  }

  @Test("has its phases, from the first step of each to its last")
  func phases() {
    let timeline = Timeline(Stories.failed.steps)
    #expect(timeline.isExact)
    #expect(timeline.spans.map(\.phase) == [.prepare, .commit, .verify, .undo])
    #expect(timeline.spans.map(\.start).sorted() == timeline.spans.map(\.start))
    #expect(abs(timeline.length - 41.62) < 0.05, "\(timeline.length)")
    // What is proved after an undo is part of it.
    #expect(timeline.rows.last?.phase == .undo)
  }

  @Test("draws what has no moment one after the other")
  func unknown() {
    let timeline = Timeline([Self.step("plan"), Self.step("stop a"), Self.step("start a", 2), Self.step("verify", 5)])
    #expect(!timeline.isExact)
    #expect(timeline.rows.map(\.start) == [0, 1, 2, 4])
    #expect(timeline.length == 9)
  }

  @Test("makes one row of many steps of one kind, with their names")
  func folds() {
    let steps = [Self.step("stop a")] + (0..<50).map { Self.step("install /f\($0)", 0.1) } + [Self.step("start a")]
    let timeline = Timeline(steps)
    #expect(timeline.rows.map(\.name) == ["stop a", "install … (50 steps)", "start a"])
    #expect(timeline.rows[1].names.count == 50 && abs(timeline.rows[1].seconds - 5) < 0.001)
  }

  @Test("stands any number that a record holds", arguments: [Double.nan, .infinity, -.infinity, -5, 1e300])
  func numbers(value: Double) {
    let timeline = Timeline([Self.step("plan", at: value, value), Self.step("stop a", at: 1, 1)])
    #expect(timeline.length.isFinite && timeline.length > 0)
    #expect(timeline.rows.allSatisfy { $0.start.isFinite && $0.seconds.isFinite })
    #expect(Markup(TimelineSection.html(timeline).source).faults.isEmpty)
    #expect(!Ticks.marks(upTo: value).isEmpty)
  }

  @Test("has marks at round numbers", arguments: [(0.004, 0.001), (1, 0.2), (9, 2), (42, 10), (700, 200)])
  func ticks(length: Double, step: Double) {
    let marks = Ticks.marks(upTo: length)
    #expect((2...7).contains(marks.count), "\(marks)")
    #expect(abs(marks[1] - step) < 1e-9, "\(marks)")
  }
}

@Suite("The plots of groups")
struct GroupSeriesTests {
  private static func sample(_ at: Double, _ waiting: Int?, added: Int? = nil, read: Int? = nil) -> GroupSample {
    GroupSample(
      at: at,
      groups: [GroupSample.Group(stream: "s", group: "g", waiting: waiting, pending: 1, added: added, read: read)])
  }

  @Test("are a line for each group, from before to after")
  func lines() throws {
    let all = GroupSeries.all([Self.sample(1, 3), Self.sample(5, 80), Self.sample(9, nil)])
    let series = try #require(all.first)
    #expect(all.count == 1 && series.waiting == [Plot.Point(1, 3), Plot.Point(5, 80)] && series.pending.count == 3)
  }

  @Test("have rates from what counters grew by; one that was set back, and looks at one moment, tell nothing")
  func rates() throws {
    let samples = [
      Self.sample(0, 0, added: 100), Self.sample(0.01, 0, added: 101), Self.sample(2, 0, added: 140),
      Self.sample(4, 0, added: 5), Self.sample(5, 0, added: 15),
    ]
    let added = try #require(GroupSeries.all(samples).first).added
    #expect(added == [Plot.Point(0, 20), Plot.Point(2, 20), Plot.Point(4, 10), Plot.Point(5, 10)])
  }

  @Test("say in words what they draw")
  func words() {
    let line = [Plot.Point(0, 2), Plot.Point(1, 240), Plot.Point(2, 0.25)]
    #expect(Plot.summary(line) == "2 at first, 240 at most, 0.3 at the end")
    #expect(Plot.summary([]) == "not known")
  }
}
