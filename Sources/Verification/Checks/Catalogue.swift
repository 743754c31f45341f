internal import Deployment

/// Every check of the contract, in the order in which a report shows them.
enum Catalogue {
  static let checks: [any Check.Type] = [
    UnitActive.self, UnitStable.self, UnitCurrent.self, FilesMatch.self, RedisReachable.self, RedisDurable.self,
    RedisIntact.self,
    StreamExists.self, GroupExists.self, GroupConsumers.self, GroupPending.self, GroupLag.self, StreamIntact.self,
    GroupOrphans.self, DeadLetters.self, DedupSkipped.self, DedupControl.self, ExecutionTerminal.self, CommandExit.self,
    HTTPStatus.self, TCPOpen.self,
  ]

  private static let rank = Dictionary(uniqueKeysWithValues: checks.enumerated().map { ($1.id, $0) })

  /// The results in the order of the catalogue; those of one check in the order of the manifest, which is `subjects`'.
  static func ordered(_ results: [CheckResult], subjects: [String]) -> [CheckResult] {
    let place = Dictionary(subjects.enumerated().map { ($1, $0) }) { first, _ in first }
    func key(_ result: CheckResult) -> (Int, Int) {
      (rank[result.id] ?? checks.count, place[result.subject] ?? subjects.count)
    }
    return results.enumerated()
      .sorted { (key($0.element).0, key($0.element).1, $0.offset) < (key($1.element).0, key($1.element).1, $1.offset) }
      .map(\.element)
  }
}
