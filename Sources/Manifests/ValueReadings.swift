package import Basics
internal import Deployment

extension Duration {
  /// The longest duration of a manifest or an option: who waits longer than a day for a service waits for ever.
  package static let longestInManifest: Duration = .days(1)

  /// Reads a duration as manifests and the command line write it: `Duration.init(text:atMost:)` up to a day.
  ///
  /// - Throws: `DurationError`, which says what to write instead.
  package init(manifest text: String) throws(DurationError) {
    try self.init(text: text, atMost: Self.longestInManifest)
  }
}

extension ManifestReading<Duration> {
  /// A duration of at least `shortest` and at most a day, or as long as `longest`.
  static func duration(
    atLeast shortest: Duration = .milliseconds(1), atMost longest: Duration = Duration.longestInManifest
  ) -> Self {
    Self { node in
      guard let scalar = node.scalar(as: "a duration, such as 30s") else { return nil }
      guard scalar.kind == .text || scalar.kind == .number else { return node.mismatch("a duration, such as 30s") }
      do throws(DurationError) {
        let duration = try Duration(text: scalar.text, atMost: longest)
        if duration >= shortest { return duration }
        node.complain("must be at least \(shortest.compactText)")
      } catch {
        node.complain("'\(scalar.text.shortened)' is not a duration: \(error.reason)")
      }
      return nil
    }
  }
}

extension ManifestReading<Int> {
  /// A whole number in plain decimal digits, within bounds.
  static func integer(_ bounds: ClosedRange<Int>) -> Self {
    Self { node in
      guard let scalar = node.scalar(as: "a whole number") else { return nil }
      guard scalar.kind == .number else { return node.mismatch("a whole number without quotes") }
      let digits = scalar.text.utf8
      let plain =
        digits.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        && (digits.count == 1 || digits.first != UInt8(ascii: "0"))
      guard plain, let number = Int(scalar.text), bounds.contains(number) else {
        node.complain(
          "'\(scalar.text.shortened)' must be a whole number from \(bounds.lowerBound) to \(bounds.upperBound)")
        return nil
      }
      return number
    }
  }
}

extension ManifestReading<Bool> {
  static var flag: Self {
    Self { node in
      guard let scalar = node.scalar(as: "true or false") else { return nil }
      switch (scalar.kind, scalar.text.lowercased()) {
      case (.truth, "true"): return true
      case (.truth, "false"): return false
      case (.truth, let text):
        node.complain("'\(text)' is text to some YAML readers; write true or false")
        return nil
      default: return node.mismatch("true or false, without quotes")
      }
    }
  }
}

extension ManifestReading where Value: RawRepresentable<String> & CaseIterable {
  /// One of a few words.
  static func choice(_ type: Value.Type) -> Self {
    let words = Value.allCases.map(\.rawValue)
    let text = ManifestReading<String>.text { word in
      if words.contains(word) { return nil }
      let meant = NearestWord.nearest(to: word, in: words).map { "; did you mean '\($0)'?" } ?? ""
      return "must be one of \(words.joined(separator: ", "))\(meant)"
    }
    return Self { node in text.read(node).flatMap(Value.init(rawValue:)) }
  }
}

extension ManifestReading<UInt32> {
  /// Permission bits as octal text, `"0755"`. Unquoted, 0755 is 493 to YAML 1.1 and 755 to YAML 1.2, and 755 is 755 to
  /// both: it is refused rather than guessed, before it becomes the mode of a file.
  static var mode: Self {
    Self { node in
      guard let scalar = node.scalar(as: "an octal mode in quotes, such as \"0755\"") else { return nil }
      guard scalar.kind == .text || scalar.kind == .number else {
        return node.mismatch("an octal mode in quotes, such as \"0755\"")
      }
      let octal = scalar.text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
      guard octal, (3...4).contains(scalar.text.utf8.count), let mode = UInt32(scalar.text, radix: 8) else {
        node.complain("'\(scalar.text.shortened)' is not a mode; write three or four octal digits, such as \"0755\"")
        return nil
      }
      guard scalar.kind == .text else {
        let quoted = "\"\(scalar.text.utf8.count == 3 ? "0" : "")\(scalar.text)\""
        node.complain("must be in quotes, or not every YAML reader takes it for octal; write \(quoted)")
        return nil
      }
      return mode
    }
  }
}
