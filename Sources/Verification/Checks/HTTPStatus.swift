internal import Basics
internal import Deployment

/// A URL answers with the status that the manifest names.
enum HTTPStatus: Check {
  static let id = "http"

  static func items(of subject: VerificationSubject) -> [Manifest.HTTP] { subject.verify.http }

  static func name(of wanted: Manifest.HTTP) -> String { wanted.url }

  static func look(
    at wanted: Manifest.HTTP, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<Int, ProbeError>> {
    let answer = await BlockingThread.run(within: wanted.within + .milliseconds(100)) {
      Result { () throws(ProbeError) in try HTTPRequest(wanted.url).send(deadline: .now + wanted.within) }
    }
    return .seen(answer ?? .failure(ProbeError("no answer within \(wanted.within.text)")))
  }

  static func judge(_ wanted: Manifest.HTTP, _ seen: Result<Int, ProbeError>) -> CheckResult {
    switch seen {
    case .failure(let error):
      return fail(wanted.url, "expected status \(wanted.status): \(error)", ["status": nil])
    case .success(wanted.status):
      return pass(wanted.url, "status \(wanted.status)", ["status": .int(wanted.status)])
    case .success(let status):
      return fail(wanted.url, "expected status \(wanted.status), got \(status)", ["status": .int(status)])
    }
  }
}
