import Samples
import Testing

@Suite("The samples of groups")
struct SampleSeriesTests {
  private static func group(_ waiting: Int) -> [GroupSample.Group] {
    [GroupSample.Group(stream: "s", group: "g", waiting: waiting)]
  }

  @Test("are bounded however many come, keep the first one and the last one, and cover all of the time evenly")
  func bounded() throws {
    var series = SampleSeries<Int>(most: 10)
    for moment in 0..<1000 { series.add(Self.group(moment), at: moment) }
    series.add(Self.group(1000), at: 1000, isMark: true)
    let moments = series.samples.map(\.moment)
    #expect(moments.count <= 10 && moments.first == 0 && moments.last == 1000, "\(moments)")
    let steps = zip(moments, moments.dropFirst()).map { $1 - $0 }
    #expect(try #require(steps.max()) <= 300, "\(moments)")
  }

  @Test("keep each one where they are few, and a mark in any case")
  func few() {
    var series = SampleSeries<Int>(most: 4)
    for moment in 0..<4 { series.add(Self.group(moment), at: moment) }
    #expect(series.samples.map(\.moment) == [0, 1, 2, 3])
    series.add(Self.group(4), at: 4)
    series.add(Self.group(5), at: 5, isMark: true)
    #expect(series.samples.map(\.moment).last == 5)
  }
}
