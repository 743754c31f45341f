internal import Basics

/// One GET over HTTP/1.1. Only the status of the answer is wanted: redirects are not followed, bodies not read.
struct HTTPRequest: Sendable, Equatable {
  var address: Address
  /// The host as the URL has it.
  var host: String
  var path: String

  /// The most bytes of an answer's head that are read.
  private static let most = 65536

  init(_ url: String) throws(ProbeError) {
    let scheme = "http://"
    guard url.lowercased().hasPrefix(scheme) else {
      throw ProbeError("the URL must begin with http:// or https://")
    }
    let rest = url.dropFirst(scheme.count)
    let end = rest.firstIndex { "/?#".contains($0) } ?? rest.endIndex
    guard let address = Address(rest[..<end], defaultPort: 80) else {
      throw ProbeError("'\(rest[..<end])' is not host:port")
    }
    self.address = address
    host = String(rest[..<end])
    let target = rest[end...].prefix { $0 != "#" }
    path = target.hasPrefix("/") ? String(target) : "/\(target)"
    guard !path.utf8.contains(where: { $0 <= 32 || $0 == 127 }) else {
      throw ProbeError("its path contains spaces or control characters")
    }
  }

  var bytes: [UInt8] {
    Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: qtctl\r\nAccept: */*\r\nConnection: close\r\n\r\n".utf8)
  }

  /// The status of the final answer in what was received so far; `nil`: not yet complete. Interim answers (1xx) are
  /// passed over.
  static func status(in received: [UInt8]) throws(ProbeError) -> Int? {
    var rest = received[...]
    while let end = rest.firstIndex(of: 10) {
      var line = rest[..<end]
      if line.last == 13 { line = line.dropLast() }
      let words = String(decoding: line, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
      // trap: counted
      guard words.count >= 2, words[0].hasPrefix("HTTP/1."), words[1].utf8.count == 3, let status = Int(words[1]) else {
        throw ProbeError("its answer is not HTTP")
      }
      if status >= 200 || status == 101 { return status }
      guard let head = afterHead(rest) else { return nil }
      rest = head
    }
    if rest.count > 1024 { throw ProbeError("its answer is not HTTP") }
    return nil
  }

  /// What follows the first empty line.
  private static func afterHead(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    var lineStart = bytes.startIndex
    while let end = bytes[lineStart...].firstIndex(of: 10) {
      let line = bytes[lineStart..<end]
      lineStart = bytes.index(after: end)
      if line.isEmpty || line.elementsEqual([13]) { return bytes[lineStart...] }
    }
    return nil
  }

  /// The status that the server answers. Blocks the calling thread.
  func send(deadline: ContinuousClock.Instant) throws(ProbeError) -> Int {
    let socket = try Socket(host: address.host, port: address.port, deadline: deadline)
    try socket.write(bytes)
    var received: [UInt8] = []
    while received.count < Self.most {
      let chunk = try socket.read()
      received += chunk
      if let status = try Self.status(in: received) { return status }
      if chunk.isEmpty { throw ProbeError("it closed the connection without an answer") }
    }
    throw ProbeError("its answer is not HTTP")
  }
}

/// Whether a web server answers at an address.
package enum WebServer {
  /// The status that it answers to a GET; `nil`: none, or no web server.
  package static func status(of url: String, within limit: Duration) async -> Int? {
    let answer = await BlockingThread.run(within: limit + .milliseconds(100)) {
      try? HTTPRequest(url).send(deadline: .now + limit)
    }
    return answer ?? nil
  }
}
