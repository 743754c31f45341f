/// A host and a port, from the text of a manifest.
struct Address: Sendable, Equatable {
  var host: String
  var port: UInt16

  /// Reads `host:port` or `[ipv6]:port`; the port may be absent where there is a default.
  init?(_ text: some StringProtocol, defaultPort: UInt16? = nil) {
    let host: Substring
    let rest: Substring
    let text = Substring(text)
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      host = text[text.index(after: text.startIndex)..<end]
      rest = text[text.index(after: end)...]
    } else {
      let end = text.firstIndex(of: ":") ?? text.endIndex
      host = text[..<end]
      rest = text[end...]
    }
    guard !host.isEmpty else { return nil }
    self.host = String(host)
    if rest.isEmpty, let defaultPort {
      port = defaultPort
    } else {
      guard rest.hasPrefix(":"), let number = UInt16(rest.dropFirst()), number > 0 else { return nil }
      port = number
    }
  }
}
