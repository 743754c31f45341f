internal import Basics
internal import Deployment
internal import FileOperations
internal import Glibc
internal import Systemd

extension SystemdControl {
  /// What systemd may take beyond a unit's own limit until it says that the limit was reached.
  private static let slack = Duration.seconds(1)

  package func start(_ requests: [StartRequest]) throws -> [String] {
    let limits = Dictionary(requests.map { ($0.unit, $0.limit) }) { first, _ in first }
    var errors: [UnitError] = []
    var own: [String: Duration] = [:]
    let units = requests.map(\.unit)
    let (order, sound) = try manager.atOneMoment(of: units, fileStates: false) {
      let order = try JobOrder(units, manager)
      var sound: [String] = []
      for unit in order.ordered {
        if let why = environmentHangs(unit) {
          errors.append(.notReady(unit: unit, why: why))
        } else {
          sound.append(unit)
          if !isBooting, limits[unit].flatMap(\.self) == nil { own[unit] = try? ownLimit(unit) }
        }
      }
      return (order, sound)
    }
    let begun = ContinuousClock.now
    let jobs = queueStarts(of: sound, &errors)
    var end = begun
    for (unit, job) in isBooting ? [] : jobs {
      let limit = try limits[unit].flatMap(\.self) ?? own[unit] ?? ownLimit(unit)
      // One that waits for others of these begins when they are ready.
      end = order.waits(unit) ? max(end, .now) + limit : max(end, begun + limit)
      do {
        try prove(unit, try wait(for: job, until: end), within: limit)
      } catch let error as UnitError {
        errors.append(error)
      }
    }
    if let error = errors.first { throw errors.count == 1 ? error : UnitError.several(errors) }
    return try requests.compactMap { try makeUp($0.unit) }
  }

  /// Queues a job for each of the units, in their order.
  func queue(_ action: JobAction, _ units: [String]) -> [(unit: String, job: Result<Job, SystemdError>)] {
    if let queued = try? manager.enqueue(action, all: units) { return Array(zip(units, queued)) }
    // The connection broke on the way: one by one over a new one. What was queued already is queued once.
    return units.map { unit in (unit, Result { () throws(SystemdError) in try manager.enqueue(action, unit) }) }
  }

  /// - Parameter errors: takes why one could not be queued.
  private func queueStarts(of units: [String], _ errors: inout [UnitError]) -> [(unit: String, job: Job)] {
    var jobs: [(unit: String, job: Job)] = []
    for (unit, job) in queue(.start, units) {
      do throws(SystemdError) {
        jobs.append((unit, try job.get()))
      } catch {
        errors.append(.notReady(unit: unit, why: "\(error)"))
      }
    }
    return jobs
  }

  /// As its unit file says, which may be newer than the plan.
  private func ownLimit(_ unit: String) throws -> Duration {
    UnitFacts(try manager.details(of: unit)).ready + Self.slack
  }

  /// - Throws: `UnitError.notReady` when the unit is not up.
  private func prove(_ unit: String, _ result: JobResult?, within limit: Duration) throws {
    let details = try manager.details(of: unit)
    let status = details.status
    if result == .done {
      if status.isActive { return }
      // A oneshot is down again when it has succeeded.
      let isMet = status.conditionResult ?? true
      // Its trigger may have begun the next run already.
      let isOver = status.activeState == .inactive || status.activeState == .activating
      if status.serviceType == "oneshot", isOver, status.result == "success", isMet { return }
    }
    throw UnitError.notReady(unit: unit, why: try Self.reason(result, details, limit) + blockers(of: result, details))
  }

  /// Starts what a timer that was paused would have started meanwhile.
  private func makeUp(_ timer: String) throws -> String? {
    guard let pause = pauses.removeValue(forKey: timer), let units = pause.missed(at: TimerPause.now) else {
      return nil
    }
    for unit in units { _ = try manager.enqueue(.start, unit) }
    return "its run of \(UTC.text(pause.seconds)) fell into the pause and is made up: \(units.joined(separator: ", "))"
  }

  // MARK: Reasons

  /// Why a start did not succeed, in words.
  private static func reason(_ result: JobResult?, _ details: UnitDetails, _ limit: Duration) -> String {
    let status = details.status
    guard result != nil else {
      return "it is still \(status.activeState.rawValue) (\(status.subState)) after \(limit.compactText)"
    }
    if let error = status.loadError { return error }
    if status.conditionResult == false || result == .assert {
      let unmet = details.unmet.map(\.text).joined(separator: ", ")
      return "its condition is not met" + (unmet.isEmpty ? "" : ": \(unmet)")
    }
    let how =
      switch (status.execMainCode, status.execMainStatus) {
      case (1, let status?): ", exit status \(status)"
      case (2, let signal?), (3, let signal?): ", killed by signal \(signal)"
      default: ""
      }
    return "it is \(status.activeState.rawValue) (\(status.result ?? status.subState)\(how))"
  }

  /// The jobs that a start still waits behind, as the end of a sentence; empty for none.
  private func blockers(of result: JobResult?, _ details: UnitDetails) throws -> String {
    guard result == nil, details.status.jobID != nil else { return "" }
    let after = Set(details.related(.after))
    let jobs = try manager.queuedJobs().filter { after.contains($0.unit) }
    guard !jobs.isEmpty else { return "" }
    let own = ownUnit()
    let names = jobs.map { job in
      "\(job.action) of \(job.unit)" + (job.unit == own ? ", in which this qtctl runs" : "")
    }
    return "; its start waits behind the job to \(names.joined(separator: "; "))".replacing(
      " to start of ", with: " to start "
    )
    .replacing(" to stop of ", with: " to stop ")
  }
}

/// Units in the order in which they ask to be started among each other (`After=`): a job that is queued before the one
/// that it waits for would begin at once.
struct JobOrder {
  let ordered: [String]
  private let dependent: Set<String>

  init(_ units: [String], _ manager: ServiceManager) throws {
    guard units.count > 1 else {
      self.init(units, after: [:])
      return
    }
    let after = try units.map { ($0, Set(try manager.details(of: $0).related(.after))) }
    self.init(units, after: Dictionary(after) { first, _ in first })
  }

  /// - Parameter after: by unit, those that it has to follow, others than `units` included.
  init(_ units: [String], after: [String: Set<String>]) {
    let all = Set(units)
    var ordered: [String] = []
    var seen: Set<String> = []
    func visit(_ unit: String) {
      guard seen.insert(unit).inserted else { return }
      for other in units where after[unit]?.contains(other) ?? false { visit(other) }
      ordered.append(unit)
    }
    for unit in units { visit(unit) }
    self.ordered = ordered
    dependent = Set(units.filter { !all.isDisjoint(with: after[$0] ?? []) })
  }

  /// Whether the unit has to wait for another one of these.
  func waits(_ unit: String) -> Bool { dependent.contains(unit) }
}

/// A timer that was stopped, and the run that it had planned.
struct TimerPause {
  /// Whole seconds since 1970.
  let seconds: Int
  private let units: [String]

  /// `nil` where nothing can be missed: no run by the calendar is planned, or systemd makes it up by itself. A timer that
  /// counts from an event counts on.
  init?(_ details: UnitDetails) {
    guard let next = details.nextRealtime, !details.isPersistent else { return nil }
    seconds = Int(next / 1_000_000)
    units = details.related(.triggers)
  }

  /// The units that it would have started by then; `nil` for none.
  func missed(at time: Int) -> [String]? { seconds <= time ? units : nil }

  static var now: Int { time(nil) }
}

/// The unit that this process runs in.
enum OwnUnit {
  /// By its control group; `nil` for a scope or a slice, which no plan stops.
  static let name: String? = {
    guard let bytes = try? Files.read("/proc/self/cgroup") else { return nil }
    return unit(in: String(decoding: bytes, as: UTF8.self))
  }()

  /// - Parameter text: of `/proc/self/cgroup` (cgroups(7)).
  static func unit(in text: String) -> String? {
    let groups = text.split(separator: "\n").compactMap { line -> Substring? in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      // systemd's own tree: version 2, or a named one of version 1.
      guard parts.count == 3, let path = parts.last else { return nil }
      return ["", "name=systemd"].contains(parts.dropFirst().first) ? path : nil
    }
    return groups.lazy.compactMap { $0.split(separator: "/").first { $0.hasSuffix(".service") } }.first.map(String.init)
  }
}
