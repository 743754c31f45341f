import EventBus
import Glibc
import Redis
import TestSupport
import Trading

/// The whole system: redis-server, the venue, two routers and two executions.
final class Stage {
  static let programs = ["router-1", "router-2", "execution-1", "execution-2"]

  let redis: RedisServer
  let venue: VenueProcess
  let services: [Supervised]
  /// How often each kind of blow has fallen.
  private(set) var fallen: [String: Int] = [:]
  private var redisDue: ContinuousClock.Instant?

  init(in folder: String, redis: RedisServer, settings: Settings) throws {
    self.redis = redis
    venue = try VenueProcess(in: folder, settings.venueArguments)
    let socket = venue.socket
    services = try Self.programs.map { name in
      let words = name.split(separator: "-")
      let state = "\(folder)/\(name)"
      guard mkdir(state, 0o700) == 0 else { throw ChildProcess.Failure(description: "mkdir '\(state)': \(errno)") }
      var environment = [
        "QUANTUM_REDIS": "unix://\(redis.folder)/redis.sock", "QUANTUM_INSTANCE": String(words[1]),
        "QUANTUM_CLAIM_IDLE": "\(settings.claimIdle.components.seconds)s",
        "QUANTUM_DELIVERIES": String(settings.deliveries),
      ]
      if words[0] == "execution" {
        environment["QUANTUM_EXCHANGE"] = "venue"
        environment["QUANTUM_VENUE"] = socket
        environment["QUANTUM_VENUE_TIMEOUT"] = "100ms"
        environment["QUANTUM_ORDER_WINDOW"] = "300ms"
        environment["QUANTUM_STATE_DIRECTORY"] = state
        environment["QUANTUM_INTENT_AGE"] = "1h"
      }
      let program = words[0] == "router" ? "quantum-ai-strategy-router" : "quantum-execution"
      return Supervised(
        name, program: BuiltProgram.path(of: program), environment: environment, log: "\(folder)/\(name).log")
    }
  }

  func fall(_ blow: Blow) throws {
    fallen[blow.kind, default: 0] += 1
    switch blow {
    case .kill(let name, let time): service(name)?.kill(startAfter: time)
    case .pause(let name, let time): service(name)?.pause(for: time)
    case .killRedis(let time):
      redis.kill()
      redisDue = .now + time
    case .drop:
      guard redis.isRunning else { return }
      _ = try? redis.connect().call(["CLIENT", "KILL", "TYPE", "normal"])
    }
  }

  /// To be called often.
  func turn() throws {
    if let redisDue, redisDue <= .now {
      self.redisDue = nil
      try redis.start()
    }
    for service in services { try service.turn() }
  }

  /// No blow has an effect any more.
  func calm() throws {
    if !redis.isRunning { try redis.start() }
    redisDue = nil
    for service in services { service.resume() }
  }

  private func service(_ name: String) -> Supervised? {
    services.first { $0.name == name }
  }
}
