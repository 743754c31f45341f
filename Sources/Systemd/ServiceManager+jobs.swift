extension ServiceManager {
  /// Queues a job and does not wait for it.
  public func enqueue(
    _ action: JobAction, _ unit: String, mode: JobMode = .replace
  ) throws(SystemdError) -> Job {
    try enqueue(action, unit, mode: mode, within: nil)
  }

  private func enqueue(
    _ action: JobAction, _ unit: String, mode: JobMode, within limit: Duration?
  ) throws(SystemdError) -> Job {
    try enqueue(action, unit, method: action.method, within: limit) {
      $0.append(unit)
      $0.append(mode.rawValue)
    }
  }

  /// A call that answers with a job.
  func enqueue(
    _ action: JobAction, _ unit: String, method: String, within limit: Duration?, _ arguments: (BusMessage) -> Void
  ) throws(SystemdError) -> Job {
    let reply = try call(method, operation: action.rawValue, subject: unit, within: limit, arguments)
    let path = try reply.string()
    guard let id = path.split(separator: "/").last.flatMap({ UInt32($0) }) else { throw reply.malformed }
    // The job's end may have arrived before this answer, but it is not looked at before `process`.
    jobs.outstanding.insert(id)
    return Job(id: id, path: path, unit: unit, action: action)
  }

  /// Waits for jobs of this connection to end. One that is missing in the result was still queued or running at the
  /// deadline. The result of each job is given once.
  public func wait(
    for jobs: [Job], until deadline: ContinuousClock.Instant
  ) throws(SystemdError) -> [Job: JobResult] {
    while true {
      let bus = try connected()
      let ended = jobs.filter { self.jobs.result(of: $0.id) != nil }
      if ended.count == jobs.count || deadline <= .now {
        let results = ended.map { ($0, self.jobs.result(of: $0.id) ?? .unknown) }
        self.jobs.forget(ended.map(\.id))
        return Dictionary(results) { first, _ in first }
      }
      if bus.isOpen { try bus.wait(until: deadline) }
    }
  }

  /// Queues a job and waits for it; `timedOut` when it did not end in time (it stays queued).
  ///
  /// A result other than `.done` is not thrown: it is an answer.
  public func perform(
    _ action: JobAction, _ unit: String, mode: JobMode = .replace, within limit: Duration
  ) throws(SystemdError) -> JobResult {
    let deadline = ContinuousClock.now + limit
    let job = try enqueue(action, unit, mode: mode, within: min(limit, timeout))
    guard let result = try wait(for: [job], until: deadline)[job] else {
      throw .timedOut(operation: action.rawValue, subject: unit)
    }
    return result
  }
}
