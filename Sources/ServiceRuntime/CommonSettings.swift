public import EventBus
public import Logging
public import Redis
internal import Trading

/// What every service is told by its environment.
public struct CommonSettings: Sendable {
  public var redis: Endpoint
  /// Tells processes of one service on one host apart.
  public var instance: String
  public var logLevel: Logger.Level
  /// The most entries read at once.
  public var batch: Int
  /// How long an entry must lie with a consumer that is silent before it is taken over.
  public var claimIdle: Duration
  /// After so many deliveries an entry that is never settled becomes a dead letter.
  public var deliveries: Int
  /// How long settled entries stay in the stream that is read.
  public var keep: Duration

  public init(_ environment: inout EnvironmentReader, batch: Int) throws(EnvironmentError) {
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
      "QUANTUM_KEEP", default: .seconds(86_400), in: .zero...(.seconds(3650 * 86_400)))
  }

  /// How the service takes part in its group, under the name `<role>-<hostname>-<instance>`.
  public func consumer(role: String, in group: Group) -> Consumer.Configuration {
    Consumer.Configuration(
      group: group, name: "\(role)-\(Host.name)-\(instance)", deadLetters: Names.Stream.deadLetters, batch: batch,
      claimIdle: claimIdle, deliveries: deliveries)
  }

  /// How its connections to Redis present themselves.
  public func connectionOptions(role: String) -> Connection.Options {
    Connection.Options(clientName: "\(role)-\(instance)")
  }
}
