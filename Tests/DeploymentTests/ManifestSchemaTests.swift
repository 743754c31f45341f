import FoundationEssentials
import TestSupport
import Testing

@testable import Deployment
@testable import Manifests

@Suite struct ManifestSchemaTests {
  @Test func theSchemaHasExactlyTheKeysOfTheDecoder() throws {
    let findings = ManifestFindings()
    _ = Manifest.decode(allChanged, findings)
    #expect(findings.problems.isEmpty)
    #expect(try JSONSchema.manifest().keys() == findings.keys)
  }

  @Test func everyObjectOfTheSchemaIsClosed() throws {
    let schema = try JSONSchema.manifest()
    try schema.visit(schema.root, "") { section, object in
      #expect(object["additionalProperties"] == .bool(false), "\(section)")
      #expect(object["type"] == .string("object"), "\(section)")
    }
  }

  @Test(arguments: ManifestSample.good + [.whole(designExample), .whole(allChanged)])
  func whatTheDecoderAcceptsTheSchemaAccepts(_ sample: ManifestSample) throws {
    #expect(try JSONSchema.manifest().violations(of: generalValue(of: sample.yaml)) == [])
  }

  @Test(arguments: ManifestSample.bad)
  func whatTheDecoderRefusesTheSchemaRefusesWhereItCan(_ sample: ManifestSample) throws {
    guard let value = try? generalValue(of: sample.yaml) else {
      #expect(!sample.seenBySchema, "no YAML at all")
      return
    }
    let violations = try JSONSchema.manifest().violations(of: value)
    #expect(violations.isEmpty != sample.seenBySchema, "\(violations)")
  }

  @Test func theDefaultsOfTheSchemaAreThoseOfTheDecoder() throws {
    let sparse = """
      {"name": "shop", "services": [{"unit": "shop.service", "files": [{"target": "/t"}]}], "verify": {
      "groups": [{"stream": "s", "group": "g"}], "commands": [{"run": ["/r"]}], "http": [{"url": "http://h/"}],
      "duplicates": {"unit": "shop.service", "terminal": {"unit": "shop.service"}}, "tcp": [{"address": "h:1"}]}, "watch": {}}
      """
    let completed = try JSONSchema.manifest().completed(generalValue(of: sparse))
    let text = String(decoding: try JSONEncoder().encode(completed), as: UTF8.self)
    #expect(text.contains("\"120s\"") && text.contains("\"quantum:stream:trade.intent\""))
    #expect(try Manifest(yaml: text, file: "completed") == Manifest(yaml: sparse, file: "sparse"))
  }
}
