internal import Redis
internal import ServiceLifecycle

/// A consumer's loop as a service: it runs on a thread of its own and stops when it is asked to, with nothing in hand.
struct ConsumerService: Service {
  let stop = StopSignal()
  let loop: @Sendable (StopSignal) throws -> Void

  func run() async throws {
    try await withTaskCancellationOrGracefulShutdownHandler {
      try await LoopThread.run { [stop, loop] in try loop(stop) }
    } onCancelOrGracefulShutdown: { [stop] in
      stop.raise()
    }
  }
}
