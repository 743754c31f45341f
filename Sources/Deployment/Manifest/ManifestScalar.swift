/// A scalar as it is written, and what YAML takes it for.
///
/// The readers of YAML 1.1 and 1.2 disagree on what an unquoted `0755`, `yes` or `1_000` is. Text is only what both
/// take for text; numbers and truth values are only what both take for the same.
struct ManifestScalar {
  enum Kind: String {
    case text, number = "a number", truth = "true or false", nothing, list = "a list", mapping = "a mapping"
  }

  /// Without quotes and escapes.
  let text: String
  let kind: Kind

  init(_ text: String, isPlain: Bool) {
    self.text = text
    // Quoted and block scalars are always text.
    kind = isPlain ? Self.kind(ofPlain: text) : .text
  }

  /// What an unquoted scalar is to a YAML 1.1 or to a YAML 1.2 reader. Source: yaml.org/type (1.1) and the core schema
  /// of YAML 1.2.2, section 10.3.
  static func kind(ofPlain text: String) -> Kind {
    if ["", "~", "null", "Null", "NULL"].contains(text) { return .nothing }
    let truths = ["true", "false", "yes", "no", "on", "off"]
    if truths.contains(where: { [$0, $0.capitalizedFirst, $0.uppercased()].contains(text) }) { return .truth }
    return isNumber(text) ? .number : .text
  }

  private static func isNumber(_ text: String) -> Bool {
    var rest = text[...]
    if let sign = rest.first, "+-".contains(sign) { rest.removeFirst() }
    if [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains(rest) { return true }
    guard let first = rest.first, first.isASCII, first.isNumber || first == "." else { return false }
    for (prefix, digits) in [("0x", "0123456789abcdefABCDEF_"), ("0o", "01234567_"), ("0b", "01_")]
    where rest.hasPrefix(prefix) {
      return rest.count > 2 && rest.dropFirst(2).allSatisfy { digits.contains($0) }
    }
    // Base 60, as in 1:30, is a number to YAML 1.1.
    let sixties = rest.split(separator: ":", omittingEmptySubsequences: false)
    if sixties.count > 1 {
      return sixties.dropLast().allSatisfy(isDigits) && isDecimal(sixties.last ?? "")
    }
    let parts = rest.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
    guard parts.count == 2 else { return isDecimal(rest) }
    let exponent = parts[1].first.map { "+-".contains($0) } == true ? parts[1].dropFirst() : parts[1]
    return isDecimal(parts[0]) && isDigits(exponent)
  }

  private static func isDecimal(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count <= 2 && parts.contains(where: isDigits) && parts.allSatisfy { $0.isEmpty || isDigits($0) }
  }

  private static func isDigits(_ text: Substring) -> Bool {
    !text.isEmpty && text.allSatisfy { $0.isASCII && $0.isNumber || $0 == "_" } && text.first != "_"
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
