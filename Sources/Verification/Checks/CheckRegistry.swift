internal import Deployment

/// Every check, in the order in which a report shows their results.
enum CheckRegistry {
  static let checks: [any Check.Type] = [
    UnitActive.self,
    UnitStable.self,
    UnitNeighbours.self,
    UnitTriggers.self,
    UnitCurrent.self,
    FilesMatch.self,
    RedisReachable.self,
    RedisDurable.self,
    RedisIntact.self,
    StreamExists.self,
    GroupExists.self,
    GroupConsumers.self,
    GroupPending.self,
    GroupLag.self,
    StreamIntact.self,
    GroupOrphans.self,
    DeadLetters.self,
    DedupSkipped.self,
    DedupControl.self,
    ExecutionTerminal.self,
    CommandExit.self,
    HTTPStatus.self,
    TCPOpen.self,
  ]
}
