internal import Basics
internal import Glibc
package import Logging
package import Redis
internal import ServiceLifecycle
internal import Systemd
internal import UnixSignals

/// What both services' programs do alike.
package enum ServiceProgram {
  /// What `--version` prints: the version, and the build id that tells two builds of it apart.
  package static func version(of name: String) -> String {
    "\(name) \(Program.version) (build id \(Program.buildID ?? "unknown"))"
  }

  /// The settings that `read` takes from the environment of this process. When one is wrong, says which on stderr and
  /// ends the program.
  package static func settings<Settings>(
    of name: String, isCheck: Bool,
    read: (inout EnvironmentReader) throws(EnvironmentError) -> Settings
  ) -> Settings {
    do {
      var environment = EnvironmentReader.process()
      let settings = try read(&environment)
      try environment.refuseUnknown()
      return settings
    } catch {
      let line = "\(name): \(error)\n"
      _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit((isCheck ? ExitStatus.failure : .configuration).rawValue)
    }
  }

  /// Runs a loop until SIGTERM or SIGINT, and returns how the program is to end.
  ///
  /// - Parameters:
  ///   - status: What an error of the loop means.
  ///   - loop: Called on a thread of its own; returns soon after the signal is raised. What the consumer tells goes to the
  ///     observer.
  package static func run(
    _ name: String, logLevel: Logger.Level, status: @Sendable (any Error) -> ExitStatus,
    loop: @escaping @Sendable (StopSignal, ConsumerObserver, Logger) throws -> Void
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
            service: ConsumerService { stop in try run(loop, stop, logger) },
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

  /// The loop, after a wait if the service has crashed several times in a row.
  private static func run(
    _ loop: (StopSignal, ConsumerObserver, Logger) throws -> Void, _ stop: StopSignal, _ logger: Logger
  ) throws {
    let restarts = RestartBackoff.ofUnit()
    if let restarts {
      let (starts, wait) = restarts.begin()
      if wait > .zero {
        let text = "\(starts) starts in a row ended without progress: waiting \(wait.components.seconds) s"
        logger.warning("\(text)")
        Notifier().status(text)
        _ = stop.wait(for: wait)
      }
    }
    try loop(stop, ConsumerObserver(logger: logger, restarts: restarts), logger)
    restarts?.clear()
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

/// How a service ends.
package enum ExitStatus: Int32, Sendable {
  /// Asked to stop, and stopped with nothing in hand.
  case done = 0
  /// `--check` refused the configuration, or an error that a new start may fix.
  case failure = 1
  /// A later process of the same service has taken over.
  case overtaken = 75
  /// The configuration, or what an operator has to decide, keeps it from working; starting again does not help.
  case configuration = 78
}

/// A consumer's loop as a service: it runs on a thread of its own and stops when it is asked to, with nothing in hand.
struct ConsumerService: Service {
  let stop = StopSignal()
  let loop: @Sendable (StopSignal) throws -> Void

  func run() async throws {
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await BlockingThread.run { [stop, loop] in try loop(stop) }
    } onCancelOrGracefulShutdown: { [stop] in
      stop.raise()
    }
  }
}
