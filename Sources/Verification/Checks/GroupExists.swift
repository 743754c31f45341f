internal import Deployment

/// The consumer group exists on its stream.
enum GroupExists: Check {
  static let id = "group.exists"
  static let looksAgain = true

  static func items(of subject: VerificationSubject) -> [Manifest.ConsumerGroup] { subject.verify.groups }

  static func name(of wanted: Manifest.ConsumerGroup) -> String { wanted.group }

  static func severity(of wanted: Manifest.ConsumerGroup, _ subject: VerificationSubject) -> Manifest.Severity {
    wanted.severity
  }

  static func look(
    at wanted: Manifest.ConsumerGroup, _ moment: Moment, _ run: VerificationRun
  ) async -> Observation<StreamView> {
    await run.stream(wanted.stream, moment)
  }

  static func judge(_ wanted: Manifest.ConsumerGroup, _ stream: StreamView) -> CheckResult {
    if let group = stream.group(wanted.group) {
      return pass(
        wanted.group, "on \(wanted.stream), last delivered \(group.lastDelivered)",
        ["stream": .string(wanted.stream), "last_delivered": .string("\(group.lastDelivered)")])
    }
    let others = stream.groups.prefix(10).map(\.name)
    let seen = others.isEmpty ? "it has none" : "it has \(others.joined(separator: ", "))"
    return fail(
      wanted.group,
      "expected the group on \(wanted.stream), \(seen); its service creates it when it starts; entries written in between"
        + " are delivered to nobody",
      ["stream": .string(wanted.stream), "groups": .array(others.map(JSONValue.string))])
  }
}
