package import Deployment
internal import EventBus
internal import Redis

extension Baseline {
  /// How Redis and the units stand now. Blocks the calling thread, in bounded time.
  ///
  /// - Parameters:
  ///   - units: full names; what cannot be asked of one is left out.
  ///   - address: of Redis, as the manifest or `QTCTL_REDIS` gives it.
  ///   - samples: where it is taken down how the groups stand.
  /// - Returns: `nil` where nothing can be looked at; nothing is excused then.
  package static func look(
    _ verify: Manifest.Verify, units: [String], at address: String?, samples: GroupSampleLog? = nil
  ) -> Baseline? {
    var baseline = look(verify, at: address, samples: samples)
    guard !units.isEmpty else { return baseline }
    let seen = UnitView.look(at: units).compactMapValues { try? $0.get() }
    if !seen.isEmpty {
      baseline = baseline ?? Baseline()
      baseline?.units = seen.mapValues(Baseline.Unit.init)
    }
    return baseline
  }

  /// How Redis stands now.
  ///
  /// - Returns: `nil` where nothing concerns Redis or it cannot be looked at.
  package static func look(
    _ verify: Manifest.Verify, at address: String?, samples: GroupSampleLog? = nil
  ) -> Baseline? {
    guard let address, verify.concernsRedis, let endpoint = try? Endpoint(address) else { return nil }
    let marks = verify.deadLetters.map { ($0, DeadLetterMark?.none) }
    let seen = RedisView.look(
      at: endpoint, groups: verify.groups, deadLetters: marks, patience: VerificationOptions().patience)
    guard let view = try? seen.get() else { return nil }
    samples?.add(view, verify.groups)
    return Baseline(view, groups: verify.groups)
  }

  init(_ view: RedisView, groups: [Manifest.ConsumerGroup]) {
    self.init(
      streams: view.keys.reduce(into: [:]) { streams, key in
        guard case .success(.stream(let stream)) = key.value else { return }
        streams[key.key] = Stream(stream, named: Set(groups.filter { $0.stream == key.key }.map(\.group)))
      },
      deadLetters: view.deadLetters.compactMapValues { try? $0.get().mark })
    loss = (try? view.losses.get())?.last?.id
  }
}

extension Baseline.Stream {
  fileprivate init(_ stream: StreamView, named: Set<String>) {
    self.init()
    for group in stream.groups {
      if named.contains(group.name) {
        groups[group.name] = Baseline.Group(group, on: stream)
      } else if group.pending > 0 {
        others[group.name] = group.pending
      }
    }
  }
}

extension Baseline.Group {
  init(_ group: GroupView, on stream: StreamView) {
    self.init(
      lastDelivered: group.lastDelivered, pending: group.pending, waiting: group.waiting.least,
      held: Dictionary(group.consumers.filter { $0.pending > 0 }.map { ($0.name, $0.pending) }) { $0 + $1 },
      lost: StreamIntact.missing(group, on: stream)?.least ?? 0, gone: group.gone?.count.least ?? 0)
  }
}
