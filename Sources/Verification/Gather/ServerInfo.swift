/// What `INFO` tells of a server, as `name:value` lines. What it does not tell is `nil`.
struct ServerInfo: Sendable, Equatable {
  private var values: [Substring: Substring] = [:]
  /// The `appendfsync` of its configuration; `nil` where it may not be asked.
  var appendfsync: String?

  init(_ text: String, appendfsync: String? = nil) {
    self.appendfsync = appendfsync
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
  }

  subscript(name: String) -> String? { values[Substring(name)].map(String.init) }
  func integer(_ name: String) -> Int? { self[name].flatMap(Int.init) }
}
