internal import Yams

/// The manifest's text on its way to a tree of nodes: what is refused before, and by, the YAML parser.
enum ManifestText {
  /// Eight MiB hold the manifest of 200 units and 10,000 files four times over.
  static let longest = 8 << 20
  /// How many words that look like an alias a manifest may contain. Aliases are refused wherever they are read, but the
  /// parser has then expanded them, and where they are keys it has walked the expansion; that grows at most as 3^(n/3).
  static let mostAliases = 16

  /// Hands the root of the one document in `yaml` to `body`; where there is none, says so.
  static func parse<Value>(
    _ yaml: String, _ findings: ManifestFindings, _ body: (ManifestNode) -> Value?
  ) -> Value? {
    // A byte order mark is allowed at the begin, and libYAML, told the encoding, takes it for a character of line 1.
    let yaml = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
    guard isFit(yaml, findings) else { return nil }
    do {
      // No resolver: what a scalar is, is decided in ManifestScalar. The encoding is given, since the default one asks
      // the environment and prints.
      let parser = try Parser(yaml: yaml, resolver: .basic, encoding: .utf8)
      guard let root = try parser.nextRoot() else {
        findings.add("the manifest is empty; it needs at least 'name' and 'services'", at: .begin)
        return nil
      }
      // Nodes hold their anchors weakly; the parser owns them.
      let value = withExtendedLifetime(parser) {
        body(ManifestNode(node: root, path: "", section: "", findings: findings))
      }
      if let second = try parser.nextRoot() {
        findings.add(
          "a manifest is one YAML document, and here a second one begins; remove it or the '---' before it",
          at: second.mark.map(ManifestPosition.init) ?? .begin)
      }
      return value
    } catch let error as YamlError {
      findings.add(error, in: yaml)
    } catch {
      findings.add("\(error)", at: .begin)
    }
    return nil
  }

  private static func isFit(_ yaml: String, _ findings: ManifestFindings) -> Bool {
    guard yaml.utf8.count <= longest else {
      findings.add("the file has more than \(longest >> 20) MiB; this is no manifest", at: .begin)
      return false
    }
    var position = ManifestPosition.begin
    var aliases = 0
    var previous: Unicode.Scalar = "\n"
    for scalar in yaml.unicodeScalars {
      if scalar.isControl, !["\n", "\r", "\t", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        findings.add("control character U+\(code) is not allowed", at: position)
        return false
      }
      if previous == "*", scalar.isLetterOrDigit || scalar == "_" || scalar == "-" { aliases += 1 }
      position.advance(over: scalar)
      previous = scalar
    }
    if aliases > mostAliases {
      findings.add("aliases (*name) are not allowed, and here are \(aliases)", at: .begin)
    }
    return aliases <= mostAliases
  }
}
