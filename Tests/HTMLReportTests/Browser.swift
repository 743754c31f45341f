import FileOperations
import Foundation

/// A real browser without a window, for what only a browser knows: how wide a page becomes, and what it runs.
struct Browser {
  /// `nil` where there is none; .ci/setup installs it.
  static let path = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  /// What a page is at a width.
  struct Look: Equatable {
    /// How wide its content is, in pixels.
    var width: Int
    /// Whether a script in it has run.
    var ranScript: Bool
    /// How high its content is, in pixels.
    var height: Int
  }

  /// Shows a page in a frame of that width, inside a page that measures it: the page itself allows no script.
  static func look(at page: String, width: Int) async throws -> Look {
    let frame = page.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
    let dom = try await run(
      """
      <!DOCTYPE html><meta charset="utf-8"><body style="margin:0"><script>window.ran = false</script>
      <iframe id="f" style="border:0;width:\(width)px;height:800px" srcdoc="\(frame)"></iframe>
      <script>
      document.getElementById('f').onload = event => {
        const root = event.target.contentDocument.documentElement
        const widest = Math.max(root.scrollWidth, ...[...root.querySelectorAll('body *')]
          .filter(e => !e.closest('svg')).map(e => Math.ceil(e.getBoundingClientRect().right)))
        document.body.dataset.look = ['look', widest, root.scrollHeight, window.ran].join(' ') + ' end'
      }
      </script>
      """, ["--dump-dom", "--window-size=1600,1000"])
    guard let match = dom.firstMatch(of: #/look (\d+) (\d+) (\w+) end/#), let width = Int(match.1),
      let height = Int(match.2)
    else { throw Failure(text: "the browser did not show the page: \(dom.suffix(500))") }
    return Look(width: width, ranScript: match.3 == "true", height: height)
  }

  /// Takes a picture of a page, as a PNG beside it.
  static func picture(of page: String, width: Int, height: Int, to path: String, dark: Bool = false) async throws {
    let options = dark ? ["--blink-settings=preferredColorScheme=0"] : []
    _ = try await run(page, ["--screenshot=\(path)", "--window-size=\(width),\(height)"] + options)
  }

  /// How many sheets a page becomes in print.
  static func sheets(of page: String) async throws -> Int {
    let path = FileManager.default.temporaryDirectory.path + "/qtctl-browser-\(UUID().uuidString).pdf"
    defer { try? FileManager.default.removeItem(atPath: path) }
    _ = try await run(page, ["--print-to-pdf=\(path)", "--no-pdf-header-footer"])
    let bytes = try Data(contentsOf: URL(filePath: path))
    return bytes.split(separator: UInt8(ascii: "\n")).count { $0.suffix(11).elementsEqual("/Type /Page".utf8) }
  }

  struct Failure: Error { var text: String }

  private static func run(_ page: String, _ options: [String]) async throws -> String {
    guard let path else { throw Failure(text: "no browser") }
    let folder = FileManager.default.temporaryDirectory.path + "/qtctl-browser-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try page.write(toFile: folder + "/page.html", atomically: false, encoding: .utf8)
    let command =
      [
        path, "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir=\(folder)/profile",
        "--timeout=5000",
      ]
      + options + ["file://\(folder)/page.html"]
    guard let result = await HelperProgram.run(command, within: .seconds(30)) else {
      throw Failure(text: "the browser did not end within 30 s")
    }
    return String(decoding: result.output, as: UTF8.self)
  }
}
