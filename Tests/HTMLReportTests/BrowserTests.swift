import Deployment
import Foundation
import HostState
import Testing

@testable import HTMLReport

@Suite(
  "The page of a transaction in a browser",
  .enabled(if: Browser.path != nil, "no browser is installed; .ci/setup installs chromium-headless-shell"))
struct BrowserTests {
  @Test("fits its width without scrolling sideways, on a phone and on a desk", arguments: [360, 1280])
  func width(width: Int) async throws {
    let look = try await Browser.look(at: ReportPage.text(Stories.failed), width: width)
    #expect(look.width <= width && look.height > 1000, "\(look)")
    // For whoever wants to see it: QTCTL_PICTURES names a folder.
    guard let folder = ProcessInfo.processInfo.environment["QTCTL_PICTURES"] else { return }
    for dark in [false, true] {
      try await Browser.picture(
        of: ReportPage.text(Stories.failed), width: width, height: look.height,
        to: "\(folder)/report-\(width)\(dark ? "-dark" : "").png", dark: dark)
    }
  }

  @Test("prints what failed with its evidence, and of what passed the sentence")
  func print() async throws {
    var story = Stories.failed
    let check = CheckResult(
      id: "files.match", subject: "/srv/app/file", status: .pass, detail: "as installed",
      evidence: ["sha256": .string("abc"), "size": .int(1)])
    story.checks = Array(repeating: check, count: 40)
    let all = try await Browser.sheets(of: ReportPage.text(story))
    for place in story.checks.indices { story.checks[place].evidence = [:] }
    let sentences = try await Browser.sheets(of: ReportPage.text(story))
    #expect(sentences == all && all > 2)
    let failed = try await Browser.sheets(of: ReportPage.text(Stories.failed))
    story = Stories.failed
    for place in story.failed.indices {
      story.failed[place].evidence = Dictionary(
        uniqueKeysWithValues: (0..<24).map { ("key\($0)", JSONValue.string(String(repeating: "value ", count: 90))) })
    }
    #expect(try await Browser.sheets(of: ReportPage.text(story)) > failed)
  }

  @Test("fits it with words of any length, and runs no script that a log holds", arguments: [360, 1280])
  func hostile(width: Int) async throws {
    var story = Stories.failed
    let long = String(repeating: "W", count: 900)
    let script = "</span></pre><script>parent.ran = true</script><img src=x onerror='parent.ran = true'>"
    story.entry.name = long
    story.entry.user = long
    story.host = long
    story.steps[3].name = long
    story.steps[4].detail = long
    story.checks[0].subject = long
    story.checks[0].evidence[long] = .string(long)
    story.changes.files[0].lines += [long, script]
    story.journal.lines += [long, script]
    let look = try await Browser.look(at: ReportPage.text(story), width: width)
    #expect(look.width <= width && !look.ranScript, "\(look)")
    // The measure itself sees what it looks for.
    let bad = "<!DOCTYPE html><body><p style='width:2000px'>x</p><script>parent.ran = true</script>"
    let seen = try await Browser.look(at: bad, width: width)
    #expect(seen.width > width && seen.ranScript, "\(seen)")
  }
}
