internal import Basics
internal import Deployment

/// An address accepts a connection.
enum TCPOpen: Check {
  static let id = "tcp"

  static func items(of subject: VerificationSubject) -> [Manifest.TCP] { subject.verify.tcp }

  static func name(of wanted: Manifest.TCP) -> String { wanted.address }

  static func look(
    at wanted: Manifest.TCP, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<Void, ProbeError>> {
    let answer = await BlockingThread.run(within: wanted.within + .milliseconds(100)) {
      Result { () throws(ProbeError) in
        guard let address = Address(wanted.address) else { throw ProbeError("'\(wanted.address)' is not host:port") }
        _ = try Socket(host: address.host, port: address.port, deadline: .now + wanted.within)
      }
    }
    return .seen(answer ?? .failure(ProbeError("no answer within \(wanted.within.text)")))
  }

  static func judge(_ wanted: Manifest.TCP, _ seen: Result<Void, ProbeError>) -> CheckResult {
    switch seen {
    case .success: pass(wanted.address, "accepts connections")
    case .failure(let error): fail(wanted.address, "expected it to accept a connection: \(error)")
    }
  }
}
