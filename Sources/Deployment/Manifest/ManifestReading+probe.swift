extension ManifestReading<Manifest.ProbeShape> {
  /// The fields of a probe by name, or `off`. Unquoted, `off` is false to YAML 1.1 and text to YAML 1.2; both mean the
  /// same here.
  static var probe: Self {
    Self { node in
      guard node.kind != .mapping else { return template(node) }
      guard let scalar = node.scalar(as: "the fields of a probe, or off") else { return nil }
      switch (scalar.kind, scalar.text) {
      case (.truth, "off"), (.truth, "false"), (.text, "off"): return .off
      default: return node.mismatch("the fields of a probe, or off")
      }
    }
  }

  private static func template(_ node: ManifestNode) -> Manifest.ProbeShape? {
    let problems = node.findings.problems.count
    guard let pairs = node.pairs() else { return nil }
    let fields = pairs.compactMap { key, value -> Manifest.ProbeField? in
      guard let name = ManifestReading<String>.line(atMost: 64).read(key),
        let text = ManifestReading<String>.fieldText.read(node.child(value, key: name))
      else { return nil }
      return Manifest.ProbeField(name, text)
    }
    guard node.findings.problems.count == problems else { return nil }
    guard fields.contains(where: { $0.named.contains("trace_id") }) else {
      node.complain("no field has ${trace_id}, by which one probe is told from another")
      return nil
    }
    return .template(fields)
  }
}

extension ManifestReading<String> {
  /// The text of a field: anything, with placeholders that are known.
  fileprivate static var fieldText: Self {
    text { text in
      if text.utf8.count > 65_536 { return "must be at most 65536 bytes long" }
      let known = Manifest.ProbeField.placeholders
      let unknown = Manifest.ProbeField("", text).named.first { !known.contains($0) }
      guard let unknown else { return nil }
      return "has the unknown placeholder ${\(unknown.shortened)}; there are "
        + known.map { "${\($0)}" }.joined(separator: " and ")
    }
  }
}
