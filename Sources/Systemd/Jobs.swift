/// A job in the manager's queue. Its number is unique for as long as the manager runs.
package struct Job: Sendable, Hashable {
  package let id: UInt32
  /// The object path on the bus.
  package let path: String
  package let unit: String
  package let action: JobAction
}

/// What a job is to do with a unit.
package enum JobAction: String, Sendable, Hashable, CaseIterable {
  /// Starts the unit; done at once when it is active.
  case start
  /// Stops the unit; done at once when it is not active.
  case stop
  /// Stops and starts the unit; starts it when it is not active.
  case restart
  /// Asks the unit to read its configuration again; refused by a unit without `ExecReload=`.
  case reload
  /// Restarts the unit only when it is active.
  case tryRestart = "try-restart"

  /// The method of `org.freedesktop.systemd1.Manager`.
  var method: String {
    switch self {
    case .start: "StartUnit"
    case .stop: "StopUnit"
    case .restart: "RestartUnit"
    case .reload: "ReloadUnit"
    case .tryRestart: "TryRestartUnit"
    }
  }
}

/// How a new job is reconciled with those that are queued (systemctl(1), `--job-mode=`).
package enum JobMode: String, Sendable, Hashable {
  /// Conflicting queued jobs are replaced.
  case replace
  /// The job is refused when it conflicts with a queued one.
  case fail
  /// As `replace`, and the job cannot be replaced in turn.
  case replaceIrreversibly = "replace-irreversibly"
  /// Requirement dependencies are left alone; ordering is kept.
  case ignoreRequirements = "ignore-requirements"
  /// All dependencies are left alone.
  case ignoreDependencies = "ignore-dependencies"
}

/// How a job ended, as systemd names it. The set is open: a newer systemd may add names.
package struct JobResult: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
  package let rawValue: String

  package init(rawValue: String) { self.rawValue = rawValue }

  package static let done = JobResult(rawValue: "done")
  /// Another job took its place before it ran.
  package static let canceled = JobResult(rawValue: "canceled")
  /// The job's own timeout (`JobTimeoutSec=`) passed.
  package static let timeout = JobResult(rawValue: "timeout")
  /// The unit failed; `UnitStatus.result` says how.
  package static let failed = JobResult(rawValue: "failed")
  /// A unit that this one requires failed.
  package static let dependency = JobResult(rawValue: "dependency")
  /// There was nothing to do for a unit in this state.
  package static let skipped = JobResult(rawValue: "skipped")
  package static let invalid = JobResult(rawValue: "invalid")
  package static let assert = JobResult(rawValue: "assert")
  package static let unsupported = JobResult(rawValue: "unsupported")
  package static let collected = JobResult(rawValue: "collected")
  /// A unit that may be started only once per boot.
  package static let once = JobResult(rawValue: "once")
  /// The job ended while the connection was broken. A name of this library's own: ask for the unit's status.
  package static let unknown = JobResult(rawValue: "unknown")

  package var description: String { rawValue }
}

extension ServiceManager {
  /// Queues a job and does not wait for it.
  package func enqueue(
    _ action: JobAction, _ unit: String, mode: JobMode = .replace
  ) throws(SystemdError) -> Job {
    try enqueue(action, unit, mode: mode, within: nil)
  }

  /// Queues a job for each of the units, in their order, without waiting for one answer before the next call is sent: the
  /// manager begins with none of them before it has read all.
  ///
  /// - Returns: the jobs, or why one was refused, in the order of the units.
  package func enqueue(
    _ action: JobAction, all units: [String], mode: JobMode = .replace
  ) throws(SystemdError) -> [Result<Job, SystemdError>] {
    let bus = try connected()
    var calls: [BusMessage] = []
    for unit in units {
      let call = try bus.message(action.method, operation: action.rawValue, subject: unit)
      call.append(unit)
      call.append(mode.rawValue)
      calls.append(call)
    }
    return try jobs.noting { () throws(SystemdError) in
      zip(units, try bus.call(calls)).map { unit, answer in
        Result { () throws(SystemdError) in try Self.job(action, unit, try answer.get()) }
      }
    }
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
    let job = try Self.job(action, unit, reply)
    // The job's end may have arrived before this answer, but it is not looked at before `process`.
    jobs.outstanding.insert(job.id)
    return job
  }

  private static func job(_ action: JobAction, _ unit: String, _ reply: BusMessage) throws(SystemdError) -> Job {
    let path = try reply.string()
    guard let id = path.split(separator: "/").last.flatMap({ UInt32($0) }) else { throw reply.malformed }
    return Job(id: id, path: path, unit: unit, action: action)
  }

  /// Waits for jobs of this connection to end. One that is missing in the result was still queued or running at the
  /// deadline. The result of each job is given once.
  package func wait(
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
  package func perform(
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
