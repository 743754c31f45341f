package import Deployment

extension Manifest {
  /// The largest file that is read. The manifest of 200 units and 10,000 files is a quarter of it.
  static let maximumBytes = 8 << 20

  /// Decodes the text of a `qtctl.yaml`. Strict: a manifest that is not understood in full is refused.
  ///
  /// - Parameter file: The file's name for messages; nothing is opened.
  /// - Throws: `ManifestError` with everything that is wrong. Reading ends at text that is not YAML: nothing else is
  ///   then reported.
  package init(yaml: String, file: String) throws(ManifestError) {
    let findings = ManifestFindings()
    let manifest = Self.decode(yaml, findings)
    guard let manifest, findings.problems.isEmpty else { throw findings.error(in: file) }
    self = manifest
  }

  /// Decodes the bytes of a `qtctl.yaml`, which must be UTF-8.
  ///
  /// - Throws: `ManifestError`, as `init(yaml:file:)`.
  package init(bytes: [UInt8], file: String) throws(ManifestError) {
    guard let yaml = String(validating: bytes, as: UTF8.self) else {
      let position = Self.firstInvalid(in: bytes)
      let message = "the file is not UTF-8 from here on; save it as UTF-8"
      throw ManifestError(file: file, problems: [.init(line: position.line, column: position.column, message: message)])
    }
    try self.init(yaml: yaml, file: file)
  }

  /// What `init(yaml:file:)` does, with everything that was found on the way.
  static func decode(_ yaml: String, _ findings: ManifestFindings) -> Manifest? {
    // A byte order mark is allowed at the start; libyaml, told the encoding, takes it for a character of line 1.
    let yaml = yaml.unicodeScalars.first == "\u{FEFF}" ? String(yaml.unicodeScalars.dropFirst()) : yaml
    guard isReadable(yaml, findings), let root = parse(yaml, findings) else { return nil }
    let manifest = ManifestReading.manifest.read(
      ManifestNode(node: root, place: ManifestPlace(), findings: findings))
    findings.checkReferences()
    findings.checkNestedTargets()
    return manifest
  }

  private static func parse(_ yaml: String, _ findings: ManifestFindings) -> YAMLNode? {
    do throws(YAMLError) {
      let parser = try YAMLParser(yaml.utf8)
      guard let root = try parser.nextDocument() else {
        findings.add("the manifest is empty; it needs at least 'name' and 'services'", at: .start)
        return nil
      }
      if let second = try parser.nextDocument() {
        findings.add(
          "a second YAML document begins here, and a manifest is only one; remove it or the '---' before it",
          at: second.position)
      }
      return root
    } catch {
      let isTab = character(at: error.position, in: yaml) == "\t"
      findings.add(isTab ? "a tab cannot indent YAML; use spaces" : error.message, at: error.position)
      return nil
    }
  }

  private static func isReadable(_ yaml: String, _ findings: ManifestFindings) -> Bool {
    guard yaml.utf8.count <= maximumBytes else {
      findings.add("the file is larger than \(maximumBytes >> 20) MiB, too large for a manifest", at: .start)
      return false
    }
    // The usual manifest has nothing but ASCII.
    if yaml.utf8.allSatisfy({ (0x20..<0x7F).contains($0) || $0 == UInt8(ascii: "\n") }) { return true }
    var position = YAMLPosition.start
    for scalar in yaml.unicodeScalars {
      if scalar.isControl, !["\n", "\r", "\t", "\u{85}", "\u{2028}", "\u{2029}"].contains(scalar) {
        let code = String(scalar.value, radix: 16, uppercase: true)
        findings.add("control character U+\(code) is not allowed; remove it", at: position)
        return false
      }
      position.advance(over: scalar)
    }
    return true
  }

  private static func character(at position: YAMLPosition, in yaml: String) -> Unicode.Scalar? {
    let lines = yaml.unicodeScalars.split(separator: "\n", maxSplits: position.line, omittingEmptySubsequences: false)
    guard position.line <= lines.count else { return nil }
    return lines[position.line - 1].dropFirst(position.column - 1).first
  }

  /// The place behind the last character before the first bytes that are not UTF-8.
  private static func firstInvalid(in bytes: [UInt8]) -> YAMLPosition {
    var position = YAMLPosition.start
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      position.advance(over: scalar)
    }
    return position
  }
}

extension InstalledRecord {
  /// The manifest, decoded; `nil` where this version cannot read it.
  package var decoded: Manifest? { try? Manifest(yaml: manifest, file: folder + "/qtctl.yaml") }

  /// The units that must be up, in start order: those that the manifest does not want stopped or as they were found.
  package var running: [String] {
    let others = Set((decoded?.services ?? []).filter { $0.state == .stopped || $0.state == .asFound }.map(\.unit))
    return units.filter { !others.contains($0) }
  }
}
