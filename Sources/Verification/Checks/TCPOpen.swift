internal import Deployment

/// An address accepts a connection.
enum TCPOpen: Check {
  static let id = "tcp"

  static func judge(_ wanted: Manifest.TCP, _ seen: Result<Void, Unseen>) -> CheckResult {
    switch seen {
    case .success: pass(wanted.address, "accepts connections")
    case .failure(let unseen): fail(wanted.address, "expected it to accept a connection: \(unseen)")
    }
  }
}
