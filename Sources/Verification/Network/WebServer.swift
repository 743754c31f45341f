internal import Basics

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
