extension ManifestReading<String> {
  /// `http://host[:port][/path]` or `https://…`; where no path is written it becomes `/`.
  static var url: Self {
    let form = "must be of the form http://host[:port]/path or https://host[:port]/path"
    // It may hold a password by mistake: it is never shown.
    let checked = text(secret: true) { url in
      guard let scheme = ["http://", "https://"].first(where: url.hasPrefix) else { return form }
      let rest = url.dropFirst(scheme.count)
      let end = rest.firstIndex(of: "/") ?? rest.endIndex
      let authority = rest[..<end]
      if authority.contains("@") { return "must not hold a user or password" }
      let port = authority.last == "]" ? nil : authority.lastIndex(of: ":")
      if let complaint = complaint(aboutHost: authority[..<(port ?? authority.endIndex)]) { return complaint }
      if let port, let complaint = complaint(aboutPort: authority[authority.index(after: port)...]) { return complaint }
      // Every byte is sent as it is written: what a request line cannot hold must be percent-encoded.
      let sendable = rest[end...].utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
      return sendable ? nil : "must have a path of printable ASCII without spaces and without '#'"
    }
    return Self { node in
      checked.read(node).map { $0.utf8.filter { $0 == UInt8(ascii: "/") }.count > 2 ? $0 : $0 + "/" }
    }
  }

  /// Text that an answer must contain: anything short.
  static var bodyText: Self {
    text { body in
      if body.isEmpty { return "must not be empty" }
      return body.utf8.count <= 4096 ? nil : "must be at most 4096 bytes long"
    }
  }

  /// The absolute path of a file of certificates, which only a check by TLS reads.
  static func certificates(for http: Manifest.HTTP) -> Self {
    Self { node in
      guard let path = target.read(node) else { return nil }
      if !http.isEncrypted {
        node.complain("is only read for a 'url' that begins with https://; remove it or change 'url'")
      }
      return path
    }
  }

  /// `host:port`, `[address]:port` for IPv6.
  static var address: Self {
    text { address in
      guard let colon = address.lastIndex(of: ":") else { return "must be of the form host:port" }
      return complaint(aboutHost: address[..<colon]) ?? complaint(aboutPort: address[address.index(after: colon)...])
    }
  }

  /// The scheme of Redis' address; the rest is for the client to read. It may hold a password: it is never shown.
  static var redis: Self {
    text(secret: true) { url in
      let form =
        "must be redis://[user:password@]host:port/db, unix:///path?db=0 or redis+sentinel://host:port,host:port/name/db"
      guard let scheme = ["redis://", "unix:///", "redis+sentinel://"].first(where: url.hasPrefix) else {
        return url.hasPrefix("rediss://") ? "TLS (rediss://) is not supported; it " + form : form
      }
      let rest = url.dropFirst(scheme.count).unicodeScalars
      return rest.isEmpty || rest.contains { $0.isControl || $0.properties.isWhitespace } ? form : nil
    }
  }

  private static func complaint(aboutHost host: Substring) -> String? {
    let scalars = host.unicodeScalars
    if host.hasPrefix("["), host.hasSuffix("]"), host.count > 2 {
      let address = scalars.dropFirst().dropLast()
      return address.allSatisfy { $0.properties.isASCIIHexDigit || $0 == ":" || $0 == "." }
        ? nil : "must have an IPv6 address between '[' and ']'"
    }
    if host.contains(":") { return "must have an IPv6 address in brackets, as in [::1]:8080" }
    let word = !scalars.isEmpty && scalars.allSatisfy { $0.isLetterOrDigit || "._-".unicodeScalars.contains($0) }
    let ends = scalars.first?.isLetterOrDigit == true && scalars.last?.isLetterOrDigit == true
    return word && ends ? nil : "must have a host: a name, an IPv4 address or an IPv6 address in brackets"
  }

  private static func complaint(aboutPort port: Substring) -> String? {
    let digits = (1...5).contains(port.utf8.count) && port.unicodeScalars.allSatisfy { ("0"..."9").contains($0) }
    guard digits, let number = Int(port), (1...65535).contains(number), port.first != "0" else {
      return "must have a port from 1 to 65535"
    }
    return nil
  }
}
