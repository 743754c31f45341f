internal import Deployment
internal import Redis

extension Verifier {
  func checkRedis(_ units: [String: Result<UnitView, Unseen>], _ report: Report, _ window: Window) async {
    guard let address = subject.redis else {
      guard !subject.verify.groups.isEmpty || subject.verify.duplicates != nil else { return }
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
    let groups = subject.verify.groups
    let patience = options.patience
    let look = await OwnThread.run(within: patience * 3) {
      RedisView.look(at: endpoint, groups: groups, patience: patience)
    }
    let seen = look ?? .failure(Unseen("it did not answer within \((patience * 3).text)"))
    report(RedisReachable.judge("\(endpoint)", seen.map(\.server)))
    guard case .success(let view) = seen else { return skipRedis(report, because: "Redis is not reachable") }
    report(RedisDurable.judge("\(endpoint)", view.server))
    for stream in groups.map(\.stream).unique() { checkStream(stream, view, report) }
    await checkDuplicates(endpoint, units, report.started(), window)
  }

  private func checkStream(_ stream: String, _ view: RedisView, _ report: Report) {
    let readers = view.readers
    let key = view.keys[stream] ?? .failure(Unseen("it was not looked at"))
    let groups = subject.verify.groups.filter { $0.stream == stream }
    report(StreamExists.judge(stream, key))
    guard case .success(.stream(let view)) = key else {
      for group in groups {
        report(GroupExists.skip(group.group, because: "\(stream) is not a stream that can be looked at"))
        skipGroup(group, report, because: "\(stream) is not a stream that can be looked at")
      }
      return report(GroupOrphans.skip(stream, because: "it is not a stream that can be looked at"))
    }
    for wanted in groups {
      report(GroupExists.judge(wanted, on: view))
      guard let group = view.group(wanted.group) else {
        skipGroup(wanted, report, because: "the group does not exist on \(stream)")
        continue
      }
      report(GroupConsumers.judge(wanted, group, readers: readers, silence: options.silence))
      report(GroupPending.judge(wanted, group, silence: options.silence))
      report(GroupLag.judge(wanted, group, length: view.length))
      report(StreamIntact.judge(wanted, group, on: view))
    }
    // Nobody said how long an entry takes in groups that the manifest does not name.
    report(GroupOrphans.judge(stream, view, named: Set(groups.map(\.group)), silence: options.silence * 10))
  }

  private func skipGroup(_ group: Manifest.ConsumerGroup, _ report: Report, because reason: String) {
    report(GroupConsumers.skip(group.group, because: reason))
    report(GroupPending.skip(group.group, because: reason))
    report(GroupLag.skip(group.group, because: reason))
    report(StreamIntact.skip(group.group, because: reason))
  }

  /// What needs Redis, when there is none.
  private func skipRedis(_ report: Report, because reason: String) {
    report(RedisDurable.skip("redis", because: reason))
    for stream in subject.verify.groups.map(\.stream).unique() {
      report(StreamExists.skip(stream, because: reason))
      report(GroupOrphans.skip(stream, because: reason))
    }
    for group in subject.verify.groups {
      report(GroupExists.skip(group.group, because: reason))
      skipGroup(group, report, because: reason)
    }
    skipDuplicates(report, because: reason)
  }
}
