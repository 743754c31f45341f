extension Endpoint {
  /// Reads `redis://[user:password@]host[:port][/db]`, `unix://[user:password@]/path[?db=N]` or
  /// `redis+sentinel://[user:password@]host[:port],host[:port]…/name[/db][?sentinel-user=U&sentinel-password=P]`.
  ///
  /// User, password, host and path may be percent-encoded. The port is 6379, that of a sentinel 26379, and the database 0
  /// where they are absent.
  public init(_ text: String) throws(EndpointError) {
    if let rest = text.dropping(prefix: "redis://") {
      try self.init(tcp: rest)
    } else if let rest = text.dropping(prefix: "unix://") {
      try self.init(unix: rest)
    } else if let rest = text.dropping(prefix: "redis+sentinel://") {
      try self.init(sentinels: rest)
    } else {
      throw EndpointError(reason: "it starts with none of 'redis://', 'unix://' and 'redis+sentinel://'")
    }
  }

  private init(tcp text: Substring) throws(EndpointError) {
    let (credentials, rest) = try Self.credentials(of: text, before: "/")
    guard !rest.contains("?"), !rest.contains("#") else {
      throw EndpointError(reason: "a redis:// URL has no '?' and no '#' part")
    }
    let parts = rest.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    // trap: split keeps empty parts, so that one is there
    let (host, port) = try Self.hostAndPort(parts[0])
    // trap: split keeps empty parts, so that one is there
    let database = parts.count > 1 && !parts[1].isEmpty ? try Self.database(parts[1]) : 0
    self.init(
      .tcp(host: host, port: port), user: credentials.user, password: credentials.password, database: database)
  }

  private init(unix text: Substring) throws(EndpointError) {
    let (credentials, rest) = try Self.credentials(of: text, before: "/")
    let parts = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    // trap: split keeps empty parts, so that one is there
    let path = try Self.decoded(parts[0], what: "path")
    guard path.hasPrefix("/") else { throw EndpointError(reason: "the socket's path '\(path)' is not absolute") }
    // sockaddr_un holds 108 bytes with the closing zero; hiredis would cut a longer path short.
    guard path.utf8.count < 108 else {
      throw EndpointError(reason: "the socket's path '\(path)' is longer than 107 bytes")
    }
    var database = 0
    if parts.count > 1 {
      // trap: split keeps empty parts, so that one is there
      guard let number = String(parts[1]).dropping(prefix: "db=") else {
        throw EndpointError(reason: "after '?' only 'db=N' is known")
      }
      database = try Self.database(number)
    }
    self.init(.unix(path: path), user: credentials.user, password: credentials.password, database: database)
  }

  private init(sentinels text: Substring) throws(EndpointError) {
    let (credentials, rest) = try Self.credentials(of: text, before: "/")
    let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    guard !rest.contains("#") else { throw EndpointError(reason: "a redis+sentinel:// URL has no '#' part") }
    // trap: split keeps empty parts, so that one is there
    let parts = halves[0].split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
    // trap: split keeps empty parts, so that one is there
    guard parts.count > 1, !parts[1].isEmpty else {
      throw EndpointError(reason: "behind the sentinels stands '/' and the name of the master")
    }
    var hosts: [Sentinels.Host] = []
    // trap: split keeps empty parts, so that one is there
    for host in parts[0].split(separator: ",", omittingEmptySubsequences: false) {
      let (name, port) = try Self.hostAndPort(host, default: 26_379)
      hosts.append(Sentinels.Host(name, port: port))
    }
    let database = parts.count > 2 && !parts[2].isEmpty ? try Self.database(parts[2]) : 0
    self.init(
      // trap: split keeps empty parts, so that one is there
      .sentinels(Sentinels(hosts, master: try Self.decoded(parts[1], what: "name of the master"))),
      user: credentials.user, password: credentials.password, database: database)
    // trap: split keeps empty parts, so that one is there
    for option in halves.count > 1 ? halves[1].split(separator: "&", omittingEmptySubsequences: false) : [] {
      if let user = String(option).dropping(prefix: "sentinel-user=") {
        sentinelUser = try Self.decoded(user, what: "sentinels' user")
      } else if let password = String(option).dropping(prefix: "sentinel-password=") {
        sentinelPassword = try Self.decoded(password, what: "sentinels' password")
      } else {
        throw EndpointError(reason: "after '?' only 'sentinel-user=' and 'sentinel-password=' are known")
      }
    }
    guard sentinelUser == nil || sentinelPassword != nil else {
      throw EndpointError(reason: "it has a user for the sentinels and no password")
    }
  }

  private static func credentials(
    of text: Substring, before end: Character
  ) throws(EndpointError) -> ((user: String?, password: String?), rest: Substring) {
    let authority = text.prefix { $0 != end }
    guard let at = authority.lastIndex(of: "@") else { return ((nil, nil), text) }
    let parts = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    // trap: split keeps empty parts, so that one is there
    guard parts.count == 2, !parts[1].isEmpty else {
      throw EndpointError(reason: "before '@' stands 'user:password' or ':password'")
    }
    // trap: split keeps empty parts, so that one is there
    let user = try decoded(parts[0], what: "user")
    // trap: split keeps empty parts, so that one is there
    let password = try decoded(parts[1], what: "password")
    return ((user.isEmpty ? nil : user, password), text[text.index(after: at)...])
  }

  private static func hostAndPort(
    _ text: Substring, default port: UInt16 = 6379
  ) throws(EndpointError) -> (String, UInt16) {
    let host: Substring
    let tail: Substring
    if text.hasPrefix("[") {
      guard let close = text.firstIndex(of: "]") else {
        throw EndpointError(reason: "the IPv6 address lacks its ']'")
      }
      host = text[text.index(after: text.startIndex)..<close]
      tail = text[text.index(after: close)...]
    } else {
      host = text.prefix { $0 != ":" }
      tail = text[host.endIndex...]
    }
    guard !host.isEmpty else { throw EndpointError(reason: "there is no host in it") }
    let name = try decoded(host, what: "host")
    guard !tail.isEmpty else { return (name, port) }
    guard tail.hasPrefix(":"), let port = UInt16(digits: tail.dropFirst()), port > 0 else {
      throw EndpointError(reason: "'\(tail)' is not ':' and a port between 1 and 65535")
    }
    return (name, port)
  }

  private static func database(_ text: Substring) throws(EndpointError) -> Int {
    guard let number = UInt16(digits: text) else {
      throw EndpointError(reason: "'\(text)' is not the number of a database")
    }
    return Int(number)
  }

  private static func decoded(_ text: Substring, what: String) throws(EndpointError) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst().flatMap(hexValue), let low = rest.popFirst().flatMap(hexValue) else {
        throw EndpointError(reason: "the \(what) has a '%' that two hexadecimal digits do not follow")
      }
      bytes.append(high << 4 | low)
    }
    guard let result = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw EndpointError(reason: "the \(what) is not text once its percent escapes are decoded")
    }
    return result
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}

extension String {
  fileprivate func dropping(prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}

extension UInt16 {
  /// `UInt16(_:)` takes a sign; a URL does not.
  fileprivate init?(digits text: Substring) {
    guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
      return nil
    }
    self.init(text)
  }
}
