/// A small plot over the time of a transaction. Its text is HTML, so that it stays readable at any width; its lines are an
/// SVG that is stretched.
struct Plot {
  struct Point: Hashable {
    /// Seconds from the first step on.
    var at: Double
    var value: Double

    init(_ at: Double, _ value: Double) {
      self.at = at
      self.value = value
    }
  }

  let title: String
  /// One or two.
  private let lines: [[Point]]
  /// What each line is; empty where there is one.
  private let keys: [String]
  /// The highest value that is drawn.
  private let top: Double

  /// Of the drawing's own units.
  private static let (width, height) = (1000.0, 100.0)

  init(title: String, lines: [[Point]], keys: [String] = []) {
    self.title = title
    self.lines = lines.map { Array($0.prefix(Self.most)) }
    self.keys = keys
    top = max(1, lines.joined().map(\.value).filter(\.isFinite).max() ?? 0)
  }

  /// Points of a line; no record has more.
  private static let most = 1000

  func html(over timeline: Timeline) -> HTML {
    guard lines.contains(where: { !$0.isEmpty }) else {
      return .element("figure", [:], caption, .element("p", ["class": "dim small"], .fixed("not known")))
    }
    let backs = timeline.spans.map { span in
      HTML.element(
        "rect",
        [
          "class": "back \(span.phase)", "x": x(span.start, timeline), "y": "0", "height": "100",
          // trap: of doubles
          "width": TimelineSection.number(max(0, span.end - span.start) / timeline.length * Self.width),
        ])
    }
    let drawn = zip(lines, ["one", "two"]).map { line, name in draw(line, name, timeline) }
    let label = "\(title): " + summaries.joined(separator: "; ")
    return .element(
      "figure", [:], caption,
      .element(
        "svg",
        [
          "class": "plot", "viewBox": "0 -4 1000 108", "preserveAspectRatio": "none", "role": "img",
          "aria-label": label,
        ],
        backs.joined, drawn.joined),
      .element(
        "div", ["class": "axis"], .element("span", [:], .fixed("0")),
        .element("span", [:], .text(Seconds.text(timeline.length)))),
      summaries.map { HTML.element("div", ["class": "dim small"], .text($0)) }.joined)
  }

  private var summaries: [String] {
    guard !keys.isEmpty else { return lines.map(Self.summary) }
    return zip(keys, lines).map { "\($0): \(Self.summary($1))" }
  }

  private var caption: HTML {
    let keys = zip(keys, ["key1", "key2"]).map { key, name in HTML.element("span", ["class": name], .text("— \(key)")) }
    return .element("figcaption", [:], .element("b", [:], .text(title)), keys.joined)
  }

  /// In words, for whoever sees no drawing, and on paper.
  static func summary(_ line: [Point]) -> String {
    guard let first = line.first, let last = line.last, let most = line.map(\.value).max() else { return "not known" }
    return "\(value(first.value)) at first, \(value(most)) at most, \(value(last.value)) at the end"
  }

  static func value(_ value: Double) -> String {
    value >= 100 || value == value.rounded() ? TimelineSection.number(value.rounded()) : tenths(value)
  }

  private static func tenths(_ value: Double) -> String {
    TimelineSection.number((value * 10).rounded() / 10)  // trap: of doubles
  }

  // MARK: Lines

  private func draw(_ line: [Point], _ name: String, _ timeline: Timeline) -> HTML {
    let points = line.map { (x: x($0.at, timeline), y: y($0.value), at: $0.at) }
    guard let first = points.first else { return .none }
    var (path, gaps) = ("M\(first.x) \(first.y)", "")
    let longest = Self.longestStep(line)
    for (from, to) in zip(points, points.dropFirst()) {
      if to.at - from.at > longest {
        // Nobody looked in between.
        gaps += "M\(from.x) \(from.y)L\(to.x) \(to.y)"
        path += "M\(to.x) \(to.y)"
      } else {
        path += "L\(to.x) \(to.y)"
      }
    }
    var html = HTML.element("path", ["class": name, "d": path])
    if !gaps.isEmpty { html += .element("path", ["class": "gap \(name)", "d": gaps]) }
    if keys.isEmpty, points.count <= 60 {
      html += .element("path", ["class": "dots \(name)", "d": points.map { "M\($0.x) \($0.y)h.01" }.joined()])
    }
    return html
  }

  /// Looks that lie further apart are joined by a dashed line.
  private static func longestStep(_ line: [Point]) -> Double {
    let steps = zip(line, line.dropFirst()).map { $1.at - $0.at }.sorted()
    let usual = steps.dropFirst(steps.count / 2).first ?? 0
    return max(0.5, usual + usual + usual)
  }

  private func x(_ seconds: Double, _ timeline: Timeline) -> String {
    TimelineSection.number(min(1, max(0, seconds / timeline.length)) * Self.width)  // trap: of doubles
  }

  private func y(_ value: Double) -> String {
    TimelineSection.number(Self.height - min(1, max(0, value / top)) * Self.height)  // trap: of doubles
  }
}
