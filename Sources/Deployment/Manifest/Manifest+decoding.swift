extension Manifest {
  /// Decodes the text of a `qtctl.yaml`. Strict: what is not understood wholly is refused wholly.
  ///
  /// - Parameter file: The file's name for messages; nothing is opened.
  /// - Throws: `ManifestError` with everything that is wrong. Text that is no YAML, and a key that stands twice in one
  ///   mapping, end the reading: nothing else is then said.
  public init(yaml: String, file: String) throws(ManifestError) {
    let findings = ManifestFindings()
    let manifest = Self.decode(yaml, findings)
    guard let manifest, findings.problems.isEmpty else { throw findings.error(in: file) }
    self = manifest
  }

  /// Decodes the bytes of a `qtctl.yaml`, which must be UTF-8.
  ///
  /// - Throws: `ManifestError`, as `init(yaml:file:)`.
  public init(bytes: [UInt8], file: String) throws(ManifestError) {
    guard let yaml = String(validating: bytes, as: UTF8.self) else {
      let position = Self.firstInvalid(in: bytes)
      let message = "the file is not UTF-8 from here on; save it as UTF-8"
      throw ManifestError(file: file, problems: [.init(line: position.line, column: position.column, message: message)])
    }
    try self.init(yaml: yaml, file: file)
  }

  /// What `init(yaml:file:)` does, with everything that was found on the way.
  static func decode(_ yaml: String, _ findings: ManifestFindings) -> Manifest? {
    ManifestText.parse(yaml, findings) { root in
      let manifest = ManifestReading.manifest.read(root)
      findings.checkReferences()
      findings.checkNestedTargets()
      return manifest
    }
  }

  /// The place behind the last character before the first bytes that are no UTF-8.
  private static func firstInvalid(in bytes: [UInt8]) -> ManifestPosition {
    var position = ManifestPosition.begin
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    while case .scalarValue(let scalar) = decoder.decode(&iterator) {
      position.advance(over: scalar)
    }
    return position
  }
}
