import ArgumentParser
import Deployment
import FoundationEssentials
import TestSupport
import Testing

@testable import qtctl

@Suite("The pages for users")
struct DocumentationTests {
  private static let pages = [
    "README.md", "docs/runbook.md", "docs/faq.md", "docs/concepts.md", "docs/comparison.md", "docs/manifest.md",
    "docs/many-hosts.md", "docs/monitoring.md", "docs/rehearse.md", "docs/upgrade.md", "docs/redis.md",
    "docs/security.md",
  ]

  @Test("show commands that qtctl takes as they are typed", arguments: pages)
  func commands(page: String) throws {
    let commands = Self.commands(in: try Self.text(page))
    if page == "README.md" { #expect(commands.count > 10) }
    for command in commands {
      #expect(throws: Never.self, "\(page): \(command)") {
        _ = try Qtctl.parseAsRoot(Self.words(command))
      }
    }
  }

  @Test("link to pages and headings that exist", arguments: pages)
  func links(page: String) throws {
    let folder = page.split(separator: "/").dropLast().joined(separator: "/")
    for match in try Self.text(page).matches(of: #/\]\(([^)\s]+)\)/#) {
      let link = String(match.1)
      guard !link.contains("://") else { continue }
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let target = parts[0].isEmpty ? page : Self.normal(folder.isEmpty ? parts[0] : folder + "/" + parts[0])
      let path = Checkout.root + "/" + target
      #expect(FileManager.default.fileExists(atPath: path), "\(page): \(link)")
      guard parts.count == 2, target.hasSuffix(".md") else { continue }
      #expect(Self.anchors(in: try Self.text(target)).contains(parts[1]), "\(page): \(link)")
    }
  }

  @Test("list the exit statuses that the program has")
  func exits() throws {
    let rows = try Self.text("README.md").matches(of: #/(?m)^\| (\d+) \| /#).compactMap { Int32($0.1) }
    #expect(Set(rows) == Set(ExitStatus.allCases.map(\.rawValue)))
  }

  private static func text(_ page: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: Checkout.root + "/" + page)), as: UTF8.self)
  }

  /// What stands in code and begins with qtctl; a synopsis with brackets or alternatives is not typed.
  private static func commands(in text: String) -> [String] {
    let inline = text.matches(of: #/`(?:sh -c )?(qtctl [a-z][^`]*)`/#).map { String($0.1) }
    let lines = text.matches(of: #/(?m)^(qtctl [a-z].*)$/#).map { String($0.1) }
    return (inline + lines.filter { !$0.contains("`") }).filter { !$0.contains(#/[\[|…‹\\<\n]/#) || $0.contains("||") }
  }

  private static func words(_ command: String) -> [String] {
    let typed = command.split(separator: #/\s+(#|\|\||&&|>)/#, maxSplits: 1).first.map(String.init) ?? command
    return typed.split(separator: " ").dropFirst().map { word in
      switch word {
      case "STAMP", "OTHER": "20260131_235959"
      case "UNIT": "hello.service"
      case "DURATION": "5m"
      default: String(word)
      }
    }
  }

  /// GitHub's anchors of headings.
  private static func anchors(in text: String) -> Set<String> {
    Set(
      text.matches(of: #/(?m)^#+ (.*)$/#).map { match in
        String(
          match.1.lowercased().replacing(" ", with: "-").filter { $0.isLetter || $0.isNumber || "-_".contains($0) })
      })
  }

  private static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") {
      if part == ".." { parts = parts.dropLast() } else { parts.append(part) }
    }
    return parts.joined(separator: "/")
  }
}
