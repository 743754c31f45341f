internal import Basics
internal import Deployment
internal import Glibc
internal import Subprocess

/// What a server answered to one GET. Redirects are not followed.
struct HTTPAnswer: Sendable, Equatable {
  var status: Int
  /// At most 1 MiB of the body; empty where the manifest asks for none of it.
  var body = ""

  private static let curl = "/usr/bin/curl"

  /// Asks once. TLS, and bodies in all their encodings, are left to curl.
  static func look(at wanted: Manifest.HTTP, within limit: Duration) async -> Result<HTTPAnswer, ProbeError> {
    let isPlain = wanted.url.lowercased().hasPrefix("http://")
    guard isPlain, wanted.body == nil else { return await askCurl(wanted, within: limit) }
    let answer = await BlockingThread.run(within: limit + .milliseconds(100)) { [url = wanted.url] in
      Result { () throws(ProbeError) in HTTPAnswer(status: try HTTPRequest(url).send(deadline: .now + limit)) }
    }
    return answer ?? .failure(ProbeError("no answer within \(limit.text)"))
  }

  private static func askCurl(_ wanted: Manifest.HTTP, within limit: Duration) async -> Result<HTTPAnswer, ProbeError> {
    guard access(curl, X_OK) == 0 else {
      return .failure(
        ProbeError("'\(curl)' is not installed, and https and body need it; install it: apt-get install curl"))
    }
    let trust = wanted.ca.map { ["--cacert", $0] } ?? []
    // The first option keeps curl from reading a configuration file; no proxy of the environment stands between.
    let arguments =
      [
        "--disable", "--silent", "--show-error", "--globoff", "--noproxy", "*", "--proto", "=http,https",
        "--user-agent", "qtctl", "--max-time", "\(limit.inSeconds)", "--write-out", "\n%{http_code}",
      ] + trust + ["--url", wanted.url]
    let environment = Environment.custom(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
    return await CommandRun.run(curl, arguments, environment: environment, within: limit + .milliseconds(500))
      .flatMap { end, output in read(end, output, limit) }
  }

  private static func read(
    _ end: CommandView.End, _ output: CommandOutput, _ limit: Duration
  ) -> Result<HTTPAnswer, ProbeError> {
    switch end {
    case .late, .exited(28): return .failure(ProbeError("no complete answer within \(limit.text)"))
    case .exited(0):
      guard let status = output.tail.split(separator: "\n").last.flatMap({ Int($0) }) else {
        return .failure(ProbeError("curl did not report a status"))
      }
      // What --write-out adds is not of the body; of one that is cut off it is not there.
      let added = "\n\(output.tail.suffix(3))"
      let body = output.head.hasSuffix(added) ? String(output.head.dropLast(added.count)) : output.head
      return .success(HTTPAnswer(status: status, body: body))
    case .exited, .signaled:
      let reason = output.tail.split(separator: "\n").first { $0.hasPrefix("curl: ") }
      return .failure(ProbeError(reason.map(String.init) ?? "curl failed (\(end))"))
    }
  }
}
