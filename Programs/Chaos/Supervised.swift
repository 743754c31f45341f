import Glibc
import TestSupport

/// A program that is started again whenever it ends, as a service manager does.
///
/// Only on the main thread: the kernel kills the program when the thread that started it ends.
final class Supervised {
  let name: String
  /// Where it writes its log.
  let log: String
  /// Ends that nobody brought about.
  private(set) var faults: [String] = []
  private(set) var starts = 0
  private let program: String
  private let environment: [String: String]
  private var process: ChildProcess?
  private var startDue: ContinuousClock.Instant?
  private var resumeDue: ContinuousClock.Instant?
  private var isKilled = false

  init(_ name: String, program: String, environment: [String: String], log: String) {
    self.name = name
    self.program = program
    self.environment = environment
    self.log = log
  }

  func start() throws {
    process = try ChildProcess(program, environment: environment, output: log, diesWithThread: true)
    starts += 1
    startDue = nil
    resumeDue = nil
    isKilled = false
  }

  func kill(startAfter time: Duration) {
    guard let process, process.poll() == nil else { return }
    isKilled = true
    process.kill()
    startDue = .now + time
  }

  func pause(for time: Duration) {
    process?.signal(SIGSTOP)
    resumeDue = .now + time
  }

  /// Lets it go on and starts it when it is time to; to be called often.
  func turn() throws {
    let now = ContinuousClock.now
    if let resumeDue, resumeDue <= now { resume() }
    if let end = process?.poll() {
      process = nil
      if !isKilled {
        note(end)
        startDue = startDue ?? now + .milliseconds(200)
      }
    }
    if let startDue, startDue <= now { try start() }
  }

  func resume() {
    resumeDue = nil
    process?.signal(SIGCONT)
  }

  /// Asks it to stop, and waits until it has.
  func stop() {
    resume()
    guard let process else { return }
    process.signal(SIGTERM)
    guard let end = process.wait(upTo: .seconds(10)) else {
      faults.append("\(name) does not stop when it is asked to")
      return process.kill()
    }
    if end != .exited(0) { note(end) }
  }

  private func note(_ end: ChildProcess.End) {
    // A process that was paused while another took over has to end so.
    guard end != .exited(75) else { return }
    faults.append("\(name) ended by itself: \(end); see \(log)")
  }
}
