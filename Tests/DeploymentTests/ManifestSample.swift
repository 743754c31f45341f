import Testing

/// A document and what the decoder says to it.
struct ManifestSample: CustomTestStringConvertible {
  let yaml: String
  /// `line:column: message`, one for each problem; empty: it is accepted.
  let problems: [String]
  /// Whether a JSON Schema can see what is wrong.
  var seenBySchema = true

  var testDescription: String { String(yaml.prefix(120)) }

  /// The third line of an otherwise good manifest.
  static func root(_ line: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(
      yaml: "name: shop\nservices: [{unit: shop.service}]\n\(line)\n", problems: problems, seenBySchema: seenBySchema)
  }

  /// What stands in the braces of the one service, from line 3, column 4.
  static func service(_ keys: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(yaml: "name: shop\nservices:\n- {\(keys)}\n", problems: problems, seenBySchema: seenBySchema)
  }

  /// What stands in the braces of the one file, from line 5, column 6.
  static func file(_ keys: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(
      yaml: "name: shop\nservices:\n- unit: shop.service\n  files:\n  - {\(keys)}\n", problems: problems,
      seenBySchema: seenBySchema)
  }

  /// What stands in the braces of `verify`, from line 3, column 10.
  static func verify(_ keys: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(
      yaml: "name: shop\nservices: [{unit: shop.service}]\nverify: {\(keys)}\n", problems: problems,
      seenBySchema: seenBySchema)
  }

  static func whole(_ yaml: String, _ problems: String..., seenBySchema: Bool = true) -> ManifestSample {
    ManifestSample(yaml: yaml, problems: problems, seenBySchema: seenBySchema)
  }
}
