internal import Deployment

/// The timeline: a drawing of the phases above an axis, and a bar on the same scale for each step.
enum TimelineSection {
  /// Of the rows, and of their HTML in bytes.
  private static let (most, bytes) = (300, 384 << 10)

  static func html(_ timeline: Timeline) -> HTML {
    guard !timeline.rows.isEmpty else {
      return .element("p", ["class": "dim"], .fixed("Its steps were not recorded."))
    }
    let (rows, left) = Bounded.list(timeline.rows, most: most, bytes: bytes) { row($0, timeline) }
    var html = phases(timeline) + legend(timeline)
    if !timeline.isExact {
      html += note("It was not recorded when each step began: the steps are drawn one after the other.")
    }
    html += .element("ol", ["class": "steps"], rows)
    if left > 0 { html += note("\(left) more steps are not shown.") }
    return html
  }

  private static func note(_ text: String) -> HTML { .element("p", ["class": "dim small"], .text(text)) }

  // MARK: The drawing

  private static func phases(_ timeline: Timeline) -> HTML {
    let bars = timeline.spans.map { span in
      HTML.element(
        "rect",
        [
          "class": "fill \(span.phase)", "x": percent(span.start, timeline), "y": "0",
          "width": width(span.end - span.start, timeline), "height": "22",
        ],
        .element("title", [:], .text("\(span.phase), \(Seconds.text(span.end - span.start))")))
    }
    let marks = Ticks.marks(upTo: timeline.length)
    let axis = marks.map { mark in
      let x = percent(mark, timeline)
      let isLast = mark > timeline.length * 0.94  // trap: of doubles
      return HTML.element("line", ["x1": x, "x2": x, "y1": "22", "y2": "30"])
        + .element(
          "text", ["x": x, "y": "43", "text-anchor": mark == 0 ? "start" : isLast ? "end" : "middle"],
          .text(mark == 0 ? "0" : Seconds.text(mark)))
    }
    let line = HTML.element("line", ["x1": "0", "x2": "100%", "y1": "26", "y2": "26"])
    return .element(
      "svg",
      [
        "class": "phases", "role": "img",
        "aria-label": "Phases: "
          + timeline.spans.map { "\($0.phase) \(Seconds.text($0.end - $0.start))" }.joined(separator: ", "),
      ], line, bars.joined, axis.joined)
  }

  private static func legend(_ timeline: Timeline) -> HTML {
    let phases = timeline.spans.map { span in
      HTML.element(
        "li", ["class": "\(span.phase)"], .element("i"),
        .text("\(span.phase) \(Seconds.text(span.end - span.start))"))
    }
    return .element("ul", ["class": "legend"], phases.joined)
  }

  // MARK: The steps

  private static func row(_ row: Timeline.Row, _ timeline: Timeline) -> HTML {
    let mark =
      switch row.status {
      case .done: ""
      case .failed: "✗ "
      case .skipped: "– "
      case .planned: "… "
      }
    let bar = HTML.element(
      "svg", ["aria-hidden": "true"],
      .element(
        "rect",
        [
          "class": "fill \(row.phase)", "x": percent(row.start, timeline), "y": "0", "rx": "2", "height": "100%",
          "width": width(row.seconds, timeline),
        ]))
    return .element(
      "li", ["class": "\(row.status)"],
      .element("span", ["class": "name"], .text(mark + Bounded.text(row.name, 300))), bar,
      .element("span", ["class": "took"], .text(Seconds.text(row.seconds))), more(row))
  }

  private static func more(_ row: Timeline.Row) -> HTML {
    guard row.names.isEmpty else {
      let (names, left) = Bounded.list(row.names, most: 200, bytes: 32 << 10) { .text(Bounded.text($0, 300) + "\n") }
      return .element(
        "details", ["class": "more"], .element("summary", [:], .fixed("all of them")),
        .element("pre", [:], names, .text(left > 0 ? "… and \(left) more" : "")))
    }
    guard !row.detail.isEmpty else { return .none }
    return .element("span", ["class": "more"], .text(Bounded.text(row.detail)))
  }

  // MARK: Numbers

  static func percent(_ seconds: Double, _ timeline: Timeline) -> String {
    number(min(99.7, max(0, seconds / timeline.length * 100))) + "%"  // trap: of doubles
  }

  /// Wide enough to be seen.
  private static func width(_ seconds: Double, _ timeline: Timeline) -> String {
    number(min(100, max(0.3, seconds / timeline.length * 100))) + "%"  // trap: of doubles
  }

  /// With up to two digits behind the point.
  static func number(_ value: Double) -> String {
    // trap: of doubles
    guard value.isFinite, abs(value) < 1e12, let hundredths = Int(exactly: (value * 100).rounded()) else {
      return "0"
    }
    let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
    let sign = hundredths < 0 ? "-" : ""
    if rest == 0 { return "\(sign)\(whole)" }
    return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
  }
}
