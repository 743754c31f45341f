internal import Deployment
internal import EventBus
internal import Trading

/// Redis has lost nothing that execution had seen in it, or an operator has accepted the loss.
///
/// Execution finds a loss, since it knows outside of Redis what it has begun, and writes it where everybody can read it.
enum RedisIntact: Check {
  static let id = "redis.intact"
  static let looksAgain = true

  static let notice = DataLossNotice(key: Names.Key.dataLoss, acceptedKey: Names.Key.dataLossAccepted)

  struct Seen: Sendable {
    var open: Result<[DataLossNotice.Loss], ProbeError>
    /// The latest loss that was open before the transaction under proof; it is not the release's.
    var before: Int64?
  }

  static func items(of subject: VerificationSubject) -> [String] { subject.redisNames }

  static func look(at endpoint: String, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    await run.redisView(moment).map { Seen(open: $0.losses, before: run.subject.baseline?.loss) }
  }

  static func judge(_ endpoint: String, _ seen: Seen) -> CheckResult {
    let losses: [DataLossNotice.Loss]
    switch seen.open {
    case .success(let open): losses = open
    case .failure(let error): return warn(endpoint, "whether Redis lost writes cannot be told: \(error)")
    }
    guard let latest = losses.last else { return pass(endpoint, "no loss is open") }
    let evidence: Evidence = ["losses": .int(losses.count), "latest": .string(String(latest.id))]
    let what = losses.map { "\(moment($0.id)): \($0.text)" }.joined(separator: "; ")
    let sentence =
      "Redis lost writes (\(what)); find out what happened, compare the positions with the exchange, then accept it"
      + " with '\(notice.acceptance(of: latest))'"
    return latest.id <= seen.before ?? 0
      ? warn(endpoint, "\(sentence); so it was before the transaction", evidence) : fail(endpoint, sentence, evidence)
  }

  private static func moment(_ id: Int64) -> String {
    String(Timestamp(seconds: id / 1000, nanoseconds: 0).text.prefix(19)) + "Z"
  }
}
