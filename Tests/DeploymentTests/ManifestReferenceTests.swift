import Basics
import FoundationEssentials
import TestSupport
import Testing

@testable import Deployment
@testable import Manifests

@Suite struct ManifestReferenceTests {
  @Test func everyManifestOfTheReferencePageIsOne() throws {
    let blocks = try self.blocks()
    #expect(blocks.count == 3)
    for block in blocks { #expect(throws: Never.self) { try Manifest(yaml: block, file: "docs/manifest.md") } }
  }

  @Test func theReferencePageShowsEveryKey() throws {
    let block = try #require(try blocks().dropFirst().first)
    guard case .object(let shown) = try generalValue(of: block) else {
      Issue.record("no mapping")
      return
    }
    var keys: [String: Set<String>] = [:]
    collect(.object(shown), "", &keys)
    // The fields of a probe are the user's own words.
    keys["verify.duplicates.probe"] = nil
    #expect(try keys == JSONSchema.manifest().keys())
  }

  @Test func theReferencePageShowsTheDefaults() throws {
    let page = String(decoding: try repositoryFile("docs/manifest.md"), as: UTF8.self)
    let manifest = Manifest(name: "a", services: [Manifest.Service(unit: "a.service")])
    for line in [
      "default \(manifest.backups.directory)\n", "at least 1; default \(manifest.backups.keep)\n",
      "unrestarted; default \(manifest.verify.stable.compactText)\n",
    ] {
      #expect(page.contains(line), "\(line)")
    }
  }

  private func blocks() throws -> [String] {
    let page = String(decoding: try repositoryFile("docs/manifest.md"), as: UTF8.self)
    var blocks: [String] = []
    var current: [Substring]?
    for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```yaml" {
        current = []
      } else if line == "```", let lines = current {
        blocks.append(lines.joined(separator: "\n"))
        current = nil
      } else {
        current?.append(line)
      }
    }
    return blocks
  }

  private func collect(_ value: JSONValue, _ section: String, _ keys: inout [String: Set<String>]) {
    switch value {
    case .object(let object):
      keys[section, default: []].formUnion(object.keys)
      for (key, value) in object { collect(value, section.isEmpty ? key : "\(section).\(key)", &keys) }
    case .array(let items): for item in items { collect(item, section + "[]", &keys) }
    default: break
    }
  }
}
