extension Sequence where Element: Hashable {
  /// The elements in their order, each once.
  package func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}

extension Collection<String> {
  /// The first ones behind each other, and how many more there are.
  package func joined(separator: String, atMost most: Int) -> String {
    let shown = prefix(most).joined(separator: separator)
    guard count > most else { return shown }
    return shown + (separator.hasPrefix(",") ? " " : separator) + "and \(count - most) more"
  }
}
