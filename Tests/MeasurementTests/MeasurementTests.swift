import FoundationEssentials
import Glibc
import Measurement
import Testing

@Suite("The statistics of a benchmark")
struct MeasurementTests {
  @Test(
    "take the middle sample, or the mean of the two in the middle",
    arguments: [([3, 1, 2], 2), ([4, 1, 3, 2], 2.5), ([7], 7)] as [([Double], Double)])
  func median(samples: [Double], median: Double) {
    #expect(Statistics.median(samples) == median)
  }

  @Test("say nothing without data")
  func nothing() {
    #expect(Statistics.median([]) == nil && Statistics.spread([]) == nil)
    #expect(Statistics.exponent(sizes: [], values: []) == nil)
    #expect(Statistics.exponent(sizes: [10, 10], values: [1, 2]) == nil)
    #expect(Statistics.exponent(sizes: [0, 10], values: [1, 2]) == nil)
  }

  @Test("find the exponent of growth", arguments: [0.5, 1, 1.1, 2])
  func exponent(_ wanted: Double) throws {
    let sizes = [1.0, 2, 4, 8]
    let values = sizes.map { 3 * pow($0, wanted) }
    let found = try #require(Statistics.exponent(sizes: sizes, values: values))
    #expect(abs(found - wanted) < 0.000_001)
  }

  @Test("give the least and the greatest as the spread")
  func spread() throws {
    let spread = try #require(Statistics.spread([2, 9, 1, 5]))
    #expect(spread.least == 1 && spread.greatest == 9)
  }

  @Test(
    "take the least sample that the share does not exceed as a percentile",
    arguments: [(0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (0.999, 100), (1, 100)] as [(Double, Double)])
  func quantile(share: Double, value: Double) {
    #expect(Statistics.quantile(share, of: (1...100).map(Double.init).reversed()) == value)
    #expect(Statistics.quantile(share, of: [7]) == 7 && Statistics.quantile(share, of: []) == nil)
    #expect(Statistics.quantile(share + 1.001, of: [7]) == nil && Statistics.quantile(share - 1.001, of: [7]) == nil)
  }

  @Test("compare a percentile with the same one of the first, and not with another")
  func parts() {
    let figure = Figure(
      title: "t", unit: "ms",
      contenders: [
        .init(name: "a, p50", samples: [1], part: "p50"), .init(name: "a, p99", samples: [10], part: "p99"),
        .init(name: "b, p50", samples: [2], part: "p50"), .init(name: "b, p99", samples: [5], part: "p99"),
      ], bars: [])
    #expect(FigureText.lines(figure).map { $0[3] } == ["1.00", "1.00", "2.00", "0.500"])
  }

  @Test("read results of before figures had parts")
  func olderResults() throws {
    let text = #"{"bars": [], "title": "t", "unit": "ms", "contenders": [{"name": "a", "samples": [1]}]}"#
    let figure = try JSONDecoder().decode(Figure.self, from: Data(text.utf8))
    #expect(figure.contenders == [.init(name: "a", samples: [1])])
  }

  @Test(
    "show three digits that count",
    arguments: [(0.0416, "0.042"), (1.534, "1.53"), (15.26, "15.3"), (185.4, "185"), (2905, "2905"), (-1.5, "-1.50")]
      as [(Double, String)])
  func number(value: Double, text: String) {
    #expect(FigureText.number(value) == text)
  }

  @Test("show a bar with its value, met or missed, and one that was not measured as such")
  func bars() {
    let figure = Figure(
      title: "t", unit: "ms",
      contenders: [.init(name: "qtctl", samples: [100, 90, 110]), .init(name: "peer", samples: [500])], bars: [])
    #expect(FigureText.bar(.most(0.8, .ratio("qtctl", to: "peer")), in: figure) == "qtctl / peer ≤ 0.800: 0.200, met")
    #expect(FigureText.bar(.least(6, .ratio("peer", to: "qtctl")), in: figure) == "peer / qtctl ≥ 6.00: 5.00, missed")
    #expect(
      FigureText.bar(.most(300, .difference("peer", to: "qtctl")), in: figure) == "peer − qtctl ≤ 300 ms: 400, missed")
    #expect(FigureText.bar(.most(50, .median("qtctl")), in: figure) == "qtctl ≤ 50.0 ms: 100, missed")
    #expect(FigureText.bar(.most(1, .ratio("qtctl", to: "absent")), in: figure).hasSuffix("not measured"))
  }

  @Test("show on the page what was measured, what was left out, and where it was made")
  func page() {
    let figure = Figure(title: "time", unit: "ms", contenders: [.init(name: "qtctl", samples: [1, 2, 3])], bars: [])
    let row = BenchResults.Row(
      id: "r", title: "Row", how: "So it is measured.", limits: "Little.", figures: [figure],
      absent: [.init(name: "borg", reason: "no network")], failure: "it broke")
    let results = BenchResults(
      date: "2026-11-26", command: "make bench",
      host: .init(
        processor: "P", cores: 2, kernel: "6.1", system: "Debian", memoryMiB: 1, loadBefore: 0.5, loadAfter: 7),
      versions: ["qtctl": "1"], rows: [row])
    let page = ResultPage.text(results)
    for text in [
      "| qtctl | 2.00 ms | 1.00 to 3.00 | 1.00 |", "- Left out: borg: no network", "Not measured to its end: it broke",
      "on 2 cores (P)", "0.500 before and 7.00 after",
    ] { #expect(page.contains(text), "\(text)\n\(page)") }
  }
}
