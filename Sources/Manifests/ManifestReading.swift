internal import Deployment

/// How one kind of value is read: from a place of the manifest to a Swift value, or `nil` after recording why not.
struct ManifestReading<Value> {
  let read: (ManifestNode) -> Value?
}

extension ManifestReading {
  /// A mapping whose keys `body` reads. `body` may put anything in the place of what is missing or wrong: a section in
  /// which something was recorded has no value.
  static func section(_ body: @escaping (inout ManifestKeys) -> Value) -> Self {
    Self { node in
      let problems = node.findings.problems.count
      guard var keys = ManifestKeys(node) else { return nil }
      let value = body(&keys)
      keys.finish()
      return node.findings.problems.count == problems ? value : nil
    }
  }

  /// A list of values that are all read alike. Items that are wrong are recorded and left out.
  static func list<Item>(of item: ManifestReading<Item>, atLeast fewest: Int = 0) -> Self where Value == [Item] {
    Self { node in
      guard let items = node.items() else { return nil }
      guard items.count >= fewest else {
        node.complain("must have at least \(fewest == 1 ? "one item" : "\(fewest) items")")
        return nil
      }
      return items.compactMap(item.read)
    }
  }

  /// The same value, which no other place that claims the same `kind` may have.
  func unique(_ kind: String, of key: @escaping (Value) -> String) -> Self {
    Self { node in
      guard let value = read(node) else { return nil }
      if let first = node.findings.claim(key(value), as: kind, at: node.position) {
        node.complain("duplicate \(kind) '\(key(value).shortened)'; it is already in line \(first.line)")
      }
      return value
    }
  }
}

extension ManifestReading<String> {
  /// The same text, which no other place that claims the same `kind` may have.
  func unique(_ kind: String) -> Self { unique(kind) { $0 } }

  /// Text that passes `complaint`.
  ///
  /// - Parameters:
  ///   - secret: Whether the text may hold a password and must not be shown in an error.
  ///   - complaint: What is wrong with a text, as a sentence about it, or `nil`.
  static func text(secret: Bool = false, _ complaint: @escaping (String) -> String?) -> Self {
    Self { node in
      guard let scalar = node.scalar(as: "text") else { return nil }
      switch scalar.kind {
      case .text: break
      case .number, .truth:
        let written = secret ? "" : ": \"\(scalar.text.shortened)\""
        node.complain("must be text, but unquoted it is \(scalar.kind.rawValue) to YAML; put it in quotes\(written)")
        return nil
      default: return node.mismatch("text")
      }
      guard let complaint = complaint(scalar.text) else { return scalar.text }
      node.complain(secret ? complaint : "'\(scalar.text.shortened)' \(complaint)")
      return nil
    }
  }
}

extension String {
  /// Fit for one line of a message: without control characters and not long.
  var shortened: String {
    let clean = String(String.UnicodeScalarView(unicodeScalars.prefix(81).map { $0.isControl ? "\u{FFFD}" : $0 }))
    return clean.unicodeScalars.count > 80 ? clean.prefix(79) + "…" : clean
  }
}

extension Unicode.Scalar {
  /// Whether the scalar is a control character or ends a line: nothing that belongs into a name, a path or a log line.
  var isControl: Bool {
    value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
  }
}
