/// Where a command is to run: `[USER@]HOST`, as ssh(1) takes it.
package struct RemoteHost: Sendable, Hashable, CustomStringConvertible {
  package let description: String

  private static let longest = 255

  /// - Throws: `HostNameFault` for what is no host: it must not be taken for an option by ssh, nor hold anything that a
  ///   `ProxyCommand` of its configuration, which is a line of shell, could run.
  package init(_ text: String) throws(HostNameFault) {
    if let why = Self.fault(of: text) { throw HostNameFault(description: "'\(text)' is not a host: \(why)") }
    description = text
  }

  private static func fault(of text: String) -> String? {
    let advice = "write [USER@]HOST, or a Host of ~/.ssh/config"
    guard !text.isEmpty else { return "it is empty; \(advice)" }
    guard text.utf8.count <= longest else { return "it has more than \(longest) characters; \(advice)" }
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    guard parts.allSatisfy({ !$0.isEmpty }) else { return "a part of it is empty; \(advice)" }
    guard parts.allSatisfy({ !$0.hasPrefix("-") }) else { return "it begins with '-'; \(advice)" }
    // An address of IPv6 has more than one.
    guard text.count(where: { $0 == ":" }) != 1 else {
      return "a port is written behind 'Port' of the host in ~/.ssh/config"
    }
    guard text.utf8.allSatisfy(isAllowed) else {
      return "only letters, digits and . _ - : @ % can be in it; \(advice)"
    }
    return nil
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): true
    default: ".-_:@%".utf8.contains(byte)
    }
  }
}

/// What was given for a host is none.
package struct HostNameFault: Error, Hashable, CustomStringConvertible {
  package let description: String
}
