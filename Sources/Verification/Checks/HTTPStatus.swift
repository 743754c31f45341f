internal import Deployment

/// A URL answers with the status that the manifest names.
enum HTTPStatus: Check {
  static let id = "http"

  static func judge(_ wanted: Manifest.HTTP, _ seen: Result<Int, Unseen>) -> CheckResult {
    switch seen {
    case .failure(let unseen):
      return fail(wanted.url, "expected status \(wanted.status): \(unseen)", ["status": nil])
    case .success(wanted.status):
      return pass(wanted.url, "status \(wanted.status)", ["status": .int(wanted.status)])
    case .success(let status):
      return fail(wanted.url, "expected status \(wanted.status), got \(status)", ["status": .int(status)])
    }
  }
}
