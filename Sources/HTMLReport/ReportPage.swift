internal import Deployment
internal import HostState

/// One transaction as one HTML page: it needs nothing but itself, runs no script and is of bounded size.
package enum ReportPage {
  /// The first bytes of every page, by which an older one is known.
  package static let mark = "<!DOCTYPE html>\n<!-- qtctl report -->\n"
  /// More than a page ever has, in bytes.
  package static let most = 3 << 20

  private static let head: HTML = .fixed(
    """
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width,initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <meta name="referrer" content="no-referrer">
    <meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline'">
    """)

  package static func text(_ story: TransactionStory) -> String {
    let timeline = Timeline(story.steps)
    let sections: [(title: StaticString, anchor: StaticString, body: HTML)] = [
      ("Timeline", "timeline", TimelineSection.html(timeline)),
      ("Checks", "checks", CheckSection.html(story)),
      ("Groups", "groups", GroupSection.html(story.samples, timeline)),
      ("Changes", "changes", TextSection.changes(story.changes)),
      ("Journal", "journal", TextSection.journal(story.journal, gaps: story.gaps)),
    ]
    let links = sections.map { section in
      HTML.element("a", ["href": "#\(section.anchor)"], .fixed(section.title))
    }
    let bodies = sections.map { section in
      HTML.element("section", ["id": "\(section.anchor)"], .element("h2", [:], .fixed(section.title)), section.body)
    }
    let title = "\(story.entry.verb) of \(story.entry.name), \(UTC.text(story.entry.started))"
    let body = HTML.element(
      "body", [:], Verdict.html(story), .element("nav", [:], links.joined), bodies.joined, footer(story))
    let page = HTML.element(
      "html", ["lang": "en"],
      .element(
        "head", [:], head, .element("title", [:], .text(Bounded.text(title, 300))),
        .element("style", [:], .fixed(PageStyle.css))), body)
    return mark + page.source + "\n"
  }

  private static func footer(_ story: TransactionStory) -> HTML {
    .element(
      "footer", [:],
      .text("Written by qtctl \(story.version) on \(story.host), \(UTC.text(story.written)). All times are UTC."))
  }
}
