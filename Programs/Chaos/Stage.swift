import EventBus
import Glibc
import Redis
import TestSupport
import Trading

/// The whole system: Redis, the venue, two routers and two executions.
final class Stage {
  static let programs = ["router-1", "router-2", "execution-1", "execution-2"]

  let redis: RedisPair
  let venue: VenueProcess
  let services: [Supervised]
  /// How often each kind of fault there was.
  private(set) var injected: [String: Int] = [:]

  init(in folder: String, redis: RedisPair, settings: Settings) throws {
    self.redis = redis
    venue = try VenueProcess(in: folder, settings.venueArguments)
    let socket = venue.socket
    services = try Self.programs.map { name in
      let words = name.split(separator: "-")
      let state = "\(folder)/\(name)"
      guard mkdir(state, 0o700) == 0 else { throw ChildProcess.Failure(description: "mkdir '\(state)': \(errno)") }
      var environment = [
        "QUANTUM_REDIS": "unix://\(redis.socket)", "QUANTUM_INSTANCE": String(words[1]),
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

  func inject(_ fault: Fault) throws {
    if fault.loss != nil {
      guard try redis.begin(fault) else { return }
    }
    injected[fault.kind, default: 0] += 1
    switch fault {
    case .kill(let name, let time): service(name)?.kill(startAfter: time)
    case .pause(let name, let time): service(name)?.pause(for: time)
    case .killRedis(let time): redis.kill(down: time)
    case .drop:
      guard redis.isRunning else { return }
      _ = try? redis.connect().call(["CLIENT", "KILL", "TYPE", "normal"])
    case .failover, .restore, .truncate: break
    }
  }

  /// To be called often.
  func turn() throws {
    try redis.turn()
    for service in services { try service.turn() }
  }

  /// No fault has an effect any more.
  func calm() throws {
    try redis.calm()
    for service in services { service.resume() }
  }

  private func service(_ name: String) -> Supervised? {
    services.first { $0.name == name }
  }
}
