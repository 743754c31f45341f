package import EventBus
package import Logging
package import Redis
internal import Glibc
internal import Trading

/// What every service is told by its environment.
package struct CommonSettings: Sendable {
  package var redis: Endpoint
  /// Tells processes of one service on one host apart.
  package var instance: String
  package var logLevel: Logger.Level
  /// The most entries read at once.
  package var batch: Int
  /// How long an entry must lie with a consumer that is silent before it is taken over.
  package var claimIdle: Duration
  /// After so many deliveries an entry that is never settled becomes a dead letter.
  package var deliveries: Int
  /// How long settled entries stay in the stream that is read.
  package var keep: Duration
  /// How long dead letters stay.
  package var keepDeadLetters: Duration
  /// Where it begins to read when its group is not there yet.
  package var takeOver: TakeOver

  package init(_ environment: inout EnvironmentReader, batch: Int) throws(EnvironmentError) {
    redis = try environment.endpoint("QUANTUM_REDIS", default: "redis://127.0.0.1:6379/0")
    instance = try environment.value(
      "QUANTUM_INSTANCE", default: "1", should: "up to 32 letters, digits, '.', '_' or '-'"
    ) { text in
      let isName = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
      return isName && text.utf8.count <= 32 ? text : nil
    }
    let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
    logLevel = try environment.value("QUANTUM_LOG_LEVEL", default: .info, should: "one of \(levels)") {
      Logger.Level(rawValue: $0)
    }
    self.batch = try environment.integer("QUANTUM_BATCH", default: batch, in: 1...1000)
    // A consumer gives a sign of life every second.
    claimIdle = try environment.duration(
      "QUANTUM_CLAIM_IDLE", default: .seconds(60), in: .seconds(2)...(.seconds(3600)))
    deliveries = try environment.integer("QUANTUM_DELIVERIES", default: 5, in: 1...1000)
    keep = try environment.duration(
      "QUANTUM_KEEP", default: .seconds(86_400), in: .zero...Self.longest)
    keepDeadLetters = try environment.duration(
      "QUANTUM_KEEP_DEAD_LETTERS", default: .seconds(30 * 86_400), in: .seconds(3600)...Self.longest)
    takeOver = try TakeOver(&environment)
  }

  /// The longest time that anything is kept.
  package static let longest: Duration = .seconds(3650 * 86_400)

  /// How the service takes part in its group, under the name `<role>-<hostname>-<instance>`.
  package func consumer(role: String, in group: Group, needs: Requirements) -> Consumer.Configuration {
    Consumer.Configuration(
      group: group, name: "\(role)-\(Host.name)-\(instance)", deadLetters: Names.Stream.deadLetters, batch: batch,
      claimIdle: claimIdle, deliveries: deliveries, requirements: needs,
      start: takeOver.start(of: group))
  }

  /// What trims the stream that the service reads, the dead letters, and others.
  package func trimmer(of group: Group, and others: [Trimming] = [], logger: Logger) -> Trimmer {
    let letters = Trimming(Names.Stream.deadLetters, keep: keepDeadLetters, trimsWithoutGroup: true)
    return Trimmer([Trimming(group.stream, keep: keep), letters] + others, logger: logger)
  }

  /// How its connections to Redis present themselves.
  package func connectionOptions(role: String) -> Connection.Options {
    Connection.Options(clientName: "\(role)-\(instance)")
  }
}

/// The machine that the service runs on.
enum Host {
  /// Its name, as gethostname(2) has it.
  static var name: String {
    var bytes = [CChar](repeating: 0, count: 256)
    guard gethostname(&bytes, bytes.count - 1) == 0 else { return "localhost" }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
