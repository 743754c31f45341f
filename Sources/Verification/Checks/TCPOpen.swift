internal import Basics
internal import Deployment

/// An address accepts a connection, at the start of the window and at its end.
enum TCPOpen: Check {
  static let id = "tcp"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [Manifest.TCP] { subject.verify.tcp }

  static func name(of wanted: Manifest.TCP) -> String { wanted.address }

  static func severity(of wanted: Manifest.TCP, _ subject: VerificationSubject) -> Manifest.Severity {
    wanted.severity
  }

  static func look(
    at wanted: Manifest.TCP, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<Void, ProbeError>> {
    if case .end = moment { return .seen(await connect(wanted.address, within: wanted.within)) }
    return await Repetition.look(within: wanted.within, run) { left in
      await connect(wanted.address, within: left)
    } passes: {
      judge(wanted, $0).status == .pass
    }
  }

  private static func connect(_ address: String, within limit: Duration) async -> Result<Void, ProbeError> {
    await BlockingThread.run(within: limit + .milliseconds(100)) {
      Result { () throws(ProbeError) in
        guard let address = Address(address) else { throw ProbeError("'\(address)' is not host:port") }
        _ = try Socket(host: address.host, port: address.port, deadline: .now + limit)
      }
    } ?? .failure(ProbeError("no answer within \(limit.text)"))
  }

  static func judge(_ wanted: Manifest.TCP, _ seen: Result<Void, ProbeError>) -> CheckResult {
    switch seen {
    case .success: pass(wanted.address, "accepts connections")
    case .failure(let error): fail(wanted.address, "expected it to accept a connection: \(error)")
    }
  }
}
