internal import Backups
internal import Deployment
internal import Releases

/// Redis, where the release concerns it, answers and keeps what it is given.
package struct RedisKeeps: PreflightCheck {
  package func findings(_ situation: PreflightSituation) -> [String] {
    guard let address = situation.redisAddress ?? situation.release?.manifest.effectiveRedis else { return [] }
    // A Redis that the plan itself starts is not there yet.
    let starts = situation.plan.touched.contains {
      $0.running && ($0.unit.hasPrefix("redis") || $0.unit.hasPrefix("valkey"))
        && !situation.inventory.unit($0.unit).running
    }
    return starts ? [] : situation.redis.fault(address).map { [$0] } ?? []
  }
}
