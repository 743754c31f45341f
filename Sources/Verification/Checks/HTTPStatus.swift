internal import Basics
internal import Deployment

/// A URL answers with the status, and the text in its body, that the manifest names, at the start of the window and at
/// its end.
enum HTTPStatus: Check {
  static let id = "http"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [Manifest.HTTP] { subject.verify.http }

  static func name(of wanted: Manifest.HTTP) -> String { wanted.url }

  static func severity(of wanted: Manifest.HTTP, _ subject: VerificationSubject) -> Manifest.Severity {
    wanted.severity
  }

  static func look(
    at wanted: Manifest.HTTP, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<Result<HTTPAnswer, ProbeError>> {
    if case .end = moment { return .seen(await HTTPAnswer.look(at: wanted, within: wanted.within)) }
    return await Repetition.look(within: wanted.within, run) { left in
      await HTTPAnswer.look(at: wanted, within: left)
    } passes: {
      judge(wanted, $0).status == .pass
    }
  }

  static func judge(_ wanted: Manifest.HTTP, _ seen: Result<HTTPAnswer, ProbeError>) -> CheckResult {
    let answer: HTTPAnswer
    switch seen {
    case .success(let value): answer = value
    case .failure(let error):
      return fail(wanted.url, "expected status \(wanted.status): \(error)", ["status": nil])
    }
    let evidence: Evidence = ["status": .int(answer.status)]
    guard answer.status == wanted.status else {
      return fail(wanted.url, "expected status \(wanted.status), got \(answer.status)", evidence)
    }
    guard let text = wanted.body else { return pass(wanted.url, "status \(answer.status)", evidence) }
    guard answer.body.contains(text) else {
      let begin = answer.body.prefix(200).split(whereSeparator: \.isNewline).joined(separator: " ")
      let found = answer.body.isEmpty ? "it is empty" : "it begins: \(Printable.line(begin))"
      return fail(wanted.url, "status \(answer.status), but its body does not contain '\(text)'; \(found)", evidence)
    }
    return pass(wanted.url, "status \(answer.status), its body contains '\(text)'", evidence)
  }
}
