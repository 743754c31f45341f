public import Logging
public import Redis
internal import ServiceLifecycle
internal import Systemd
internal import UnixSignals

/// What both services' programs do alike.
public enum ServiceProgram {
  /// What `--version` prints: the version, and the build id that tells two builds of it apart.
  public static func version(of name: String) -> String {
    "\(name) \(Program.version) (build id \(Program.buildID ?? "unknown"))"
  }

  /// Runs a loop until SIGTERM or SIGINT, and returns how the program is to end.
  ///
  /// - Parameters:
  ///   - status: What an error of the loop means.
  ///   - loop: Called on a thread of its own; returns soon after the signal is raised.
  public static func run(
    _ name: String, logLevel: Logger.Level, status: @Sendable (any Error) -> ExitStatus,
    loop: @escaping @Sendable (StopSignal, Logger) throws -> Void
  ) async -> ExitStatus {
    let logger = logger(of: name, level: logLevel)
    logger.notice("\(version(of: name)) starts")
    // The group's own lines are about its services, of which there is one.
    var quiet = logger
    quiet.logLevel = .critical
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [
          .init(
            service: ConsumerService { stop in try loop(stop, logger) },
            successTerminationBehavior: .gracefullyShutdownGroup)
        ],
        gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet))
    do {
      try await group.run()
      Notifier().stopping()
      return .done
    } catch {
      Notifier().stopping(status: "\(error)")
      logger.critical("\(error)")
      return status(error)
    }
  }

  /// To the journal with its fields under systemd, else to stderr.
  private static func logger(of name: String, level: Logger.Level) -> Logger {
    var logger = Logger(label: name) { label in
      if JournalLogHandler.isJournalConnected { return JournalLogHandler(label: label, identifier: name) }
      return StreamLogHandler.standardError(label: label)
    }
    logger.logLevel = level
    return logger
  }
}
