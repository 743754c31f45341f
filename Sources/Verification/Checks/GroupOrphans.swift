internal import Basics
internal import Deployment

/// No group that the manifest does not name is left on its streams with work that nobody does.
///
/// Nobody settles entries that were delivered to such a group: this fails. A group that only lags loses nothing, but since
/// trimming keeps what any group has not acknowledged, the stream grows without end: this warns.
enum GroupOrphans: Check {
  static let id = "group.orphans"
  static let looksAgain = true

  struct Seen: Sendable {
    var stream: StreamView
    /// The groups that the manifest names.
    var named: Set<String>
    /// A consumer that was given nothing for longer is taken for dead.
    var silence: Duration
    /// How many entries were pending in each other group before the transaction; `nil`: not known.
    var before: [String: Int]?
  }

  static func items(of subject: VerificationSubject) -> [String] { subject.verify.groups.map(\.stream).uniqued() }

  static func look(at key: String, _ moment: Moment, _ run: VerificationRun) async -> Observation<Seen> {
    let groups = run.subject.verify.groups.filter { $0.stream == key }
    return await run.stream(key, moment).map { stream in
      // Nobody said how long an entry takes in groups that the manifest does not name.
      Seen(
        stream: stream, named: Set(groups.map(\.group)), silence: run.options.silence * 10,
        before: run.subject.baseline?.streams[key]?.others)
    }
  }

  static func judge(_ key: String, _ seen: Seen) -> CheckResult {
    let (stream, named, silence, before) = (seen.stream, seen.named, seen.silence, seen.before)
    let others = stream.groups.filter { !named.contains($0.name) }
    let abandoned = others.filter { group in !group.consumers.contains { $0.idle <= silence } }
    let holding = abandoned.filter { $0.pending > 0 }
    let waiting = abandoned.filter { $0.pending == 0 && $0.lastDelivered < stream.lastGenerated }
    let evidence: Evidence = [
      "others": .int(others.count), "abandoned": .array((holding + waiting).prefix(20).map(\.evidence)),
    ]
    if !holding.isEmpty {
      let sentence =
        "entries are pending in groups that nobody reads and the manifest does not name: "
        + list(holding) { "\($0.name) (\($0.pending))" }
        + "; have them settled, or remove the group: XGROUP DESTROY \(key) GROUP"
      return holding.allSatisfy { $0.pending <= before?[$0.name] ?? 0 }
        ? warn(key, "\(sentence); it was the same before the transaction", evidence) : fail(key, sentence, evidence)
    }
    if !waiting.isEmpty {
      return warn(
        key,
        "nobody reads the groups \(list(waiting, \.name)), which the manifest does not name; they keep the stream from"
          + " being trimmed: XGROUP DESTROY \(key) GROUP", evidence)
    }
    return pass(key, others.isEmpty ? "no other group" : "\(others.count) other groups, none abandoned", evidence)
  }

  private static func list(_ groups: [GroupView], _ text: (GroupView) -> String) -> String {
    groups.map(text).joined(separator: ", ", atMost: 5)
  }
}
