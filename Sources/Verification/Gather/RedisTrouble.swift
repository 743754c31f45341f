internal import Redis

/// Redis' refusals in words that say what to do.
enum RedisTrouble {
  static func text(_ error: RedisError) -> String {
    switch error {
    case .server(let error): text(error)
    case .timeout(let command, let time): "it accepts connections but did not answer \(command) within \(time.text)"
    default: error.description
    }
  }

  static func text(_ error: ServerError) -> String {
    switch error.code {
    case "LOADING": "it is still loading its data from disk; wait, then verify again"
    case "NOAUTH": "it wants a password: name it in redis: of the manifest or in QTCTL_REDIS"
    case "WRONGPASS": "it refuses the user or password of redis: in the manifest or of QTCTL_REDIS"
    case "NOPERM": "the user may not look (\(error.message)); let it read, with EVAL_RO, XINFO and XPENDING"
    case "BUSY": "it is busy with a script that does not end; see: redis-cli SCRIPT KILL"
    case "MISCONF": "it refuses writes because saving to disk fails (\(error.message)); look at its disk and log"
    default: "it answered: \(error.message)"
    }
  }
}
