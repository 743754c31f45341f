internal import Samples

/// How the consumer groups stood before, during and after, as plots over the timeline.
enum GroupSection {
  /// So many groups are drawn.
  private static let most = 16

  static func html(_ samples: [GroupSample]?, _ timeline: Timeline) -> HTML {
    guard let samples else {
      return note("How the groups stood was not recorded: qtctl that did this was older than that.")
    }
    let groups = GroupSeries.all(samples)
    guard !groups.isEmpty else {
      return note("The manifest names no consumer group, or Redis could not be asked.")
    }
    var html = groups.prefix(most).map { one($0, timeline) }.joined
    if groups.count > most { html += note("\(groups.count - most) more groups are not shown.") }
    return html
  }

  private static func note(_ text: String) -> HTML { .element("p", ["class": "dim small"], .text(text)) }

  private static func one(_ group: GroupSeries, _ timeline: Timeline) -> HTML {
    let plots = [
      Plot(title: "lag: entries that wait", lines: [group.waiting]),
      Plot(title: "pending: delivered, not settled", lines: [group.pending]),
      Plot(title: "rate", lines: [group.added, group.read], keys: ["written/s", "delivered/s"]),
    ]
    return .element("h3", [:], .element("code", [:], .text(Bounded.text(group.group, 200))))
      + .element("p", ["class": "dim small"], .text("of stream \(Bounded.text(group.stream, 200))"))
      + .element("div", ["class": "plots"], plots.map { $0.html(over: timeline) }.joined)
  }
}

/// One group over time, as lines of points.
struct GroupSeries {
  var stream: String
  var group: String
  var waiting: [Plot.Point] = []
  var pending: [Plot.Point] = []
  /// Entries that were added to the stream a second, and that were delivered to the group.
  var added: [Plot.Point] = []
  var read: [Plot.Point] = []

  /// In the order in which they first appear.
  static func all(_ samples: [GroupSample]) -> [GroupSeries] {
    var order: [String] = []
    var found: [String: [(at: Double, group: GroupSample.Group)]] = [:]
    for sample in samples where sample.at.isFinite {
      for group in sample.groups {
        let key = "\(group.stream)\n\(group.group)"
        if found[key] == nil { order.append(key) }
        found[key, default: []].append((sample.at, group))
      }
    }
    return order.compactMap { key in
      guard let seen = found[key]?.sorted(by: { $0.at < $1.at }), let first = seen.first else { return nil }
      var series = GroupSeries(stream: first.group.stream, group: first.group.group)
      series.waiting = seen.compactMap { sample in sample.group.waiting.map { Plot.Point(sample.at, Double($0)) } }
      series.pending = seen.compactMap { sample in sample.group.pending.map { Plot.Point(sample.at, Double($0)) } }
      series.added = rate(seen.compactMap { sample in sample.group.added.map { (sample.at, $0) } })
      series.read = rate(seen.compactMap { sample in sample.group.read.map { (sample.at, $0) } })
      return series
    }
  }

  /// What a counter grew by a second, between looks at least 0.2 s apart; a counter that was set back tells nothing.
  static func rate(_ counts: [(at: Double, count: Int)]) -> [Plot.Point] {
    guard var last = counts.first else { return [] }
    var points: [Plot.Point] = []
    for next in counts.dropFirst() where next.at - last.at >= 0.2 {
      if next.count >= last.count {
        let rate = (Double(next.count) - Double(last.count)) / (next.at - last.at)
        // It held for all of the time in between.
        points.append(Plot.Point(last.at, rate))
        points.append(Plot.Point(next.at, rate))
      }
      last = next
    }
    return points
  }
}
