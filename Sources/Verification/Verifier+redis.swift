internal import Basics
internal import Deployment
internal import Redis

extension Verifier {
  func checkRedis(_ units: [String: Result<UnitView, Unseen>], _ report: Report, _ window: Window) async {
    guard let address = subject.redis else {
      guard subject.verify.concernsRedis else { return }
      report(RedisReachable.fail("redis", "the manifest has checks of streams, but no redis: address"))
      return skipRedis(report, because: "the manifest names no Redis")
    }
    let endpoint: Endpoint
    do {
      endpoint = try Endpoint(address)
    } catch {
      report(RedisReachable.fail("redis", "the address in redis: or QTCTL_REDIS is not understood: \(error)"))
      return skipRedis(report, because: "Redis is not reachable")
    }
    let seen = await look(at: endpoint, since: subject.baseline?.deadLetters)
    guard case .success(let start) = seen else {
      for result in verdict(endpoint).results(of: seen) { report(result) }
      return skipDuplicates(report, because: "Redis is not reachable")
    }
    async let watched: Void = watchRedis(endpoint, start, report, window)
    await checkDuplicates(endpoint, units, report.started(), window)
    await watched
  }

  /// What holds now is reported when it still holds at the end of the window; what fails is reported at once.
  private func watchRedis(_ endpoint: Endpoint, _ start: RedisView, _ report: Report, _ window: Window) async {
    var verdict = verdict(endpoint)
    guard window.length > .zero else {
      for result in verdict.results(of: .success(start)) { report(result) }
      return
    }
    verdict.moment = .start
    let failures = verdict.results(of: .success(start)).filter { $0.status == .fail }
    for failure in failures { report(failure) }
    await window.sleepToEnd()
    let marks = start.deadLetters.compactMapValues { try? $0.get().mark }
    let seen = await look(at: endpoint, since: subject.baseline?.deadLetters ?? marks)
    verdict.moment = .end(since: start, window.endedBecause == nil ? window.length : nil)
    for result in verdict.results(of: seen)
    where !failures.contains(where: { $0.isOfTheSame(as: result) }) {
      report(result)
    }
  }

  private func verdict(_ endpoint: Endpoint) -> RedisVerdict {
    RedisVerdict(
      endpoint: "\(endpoint)", verify: subject.verify, silence: options.silence, baseline: subject.baseline)
  }

  private func look(at endpoint: Endpoint, since marks: [String: DeadLetterMark]?) async -> Result<RedisView, Unseen> {
    let patience = options.patience
    let verify = subject.verify
    let look = await BlockingThread.run(within: patience * 3) {
      RedisView.look(
        at: endpoint, groups: verify.groups, deadLetters: verify.deadLetters.map { ($0, marks?[$0]) },
        patience: patience)
    }
    return look ?? .failure(Unseen("it did not answer within \((patience * 3).text)"))
  }

  private func skipRedis(_ report: Report, because reason: String) {
    let verdict = RedisVerdict(endpoint: "redis", verify: subject.verify, silence: options.silence)
    for result in verdict.skipped(because: reason) { report(result) }
    skipDuplicates(report, because: reason)
  }
}

extension CheckResult {
  /// Whether both say the same of the same; groups of one name may be on several streams.
  fileprivate func isOfTheSame(as other: CheckResult) -> Bool {
    id == other.id && subject == other.subject && evidence["stream"] == other.evidence["stream"]
  }
}
