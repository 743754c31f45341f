extension ServiceManager {
  /// Queues a job and does not wait for it.
  public func enqueue(
    _ action: JobAction, _ unit: String, mode: JobMode = .replace
  ) throws(SystemdError) -> Job {
    throw .noBus(reason: "not implemented")
  }

  /// Waits for jobs of this connection to end. One that is missing in the result was still queued or running at the
  /// deadline. The result of each job is given once.
  public func wait(
    for jobs: [Job], until deadline: ContinuousClock.Instant
  ) throws(SystemdError) -> [Job: JobResult] {
    throw .noBus(reason: "not implemented")
  }

  /// Queues a job and waits for it; `timedOut` when it did not end in time (it stays queued).
  ///
  /// A result other than `.done` is not thrown: it is an answer.
  public func perform(
    _ action: JobAction, _ unit: String, mode: JobMode = .replace, within limit: Duration
  ) throws(SystemdError) -> JobResult {
    throw .noBus(reason: "not implemented")
  }

  /// Sends a signal to processes of a unit. Returns false when there was none.
  @discardableResult
  public func kill(
    _ unit: String, signal: Int32, whom: KillTarget = .all
  ) throws(SystemdError) -> Bool {
    throw .noBus(reason: "not implemented")
  }

  /// Forgets that a unit failed, how often it was restarted and its start limit. A unit that is not loaded needs none.
  public func resetFailed(_ unit: String) throws(SystemdError) {
  }
}
