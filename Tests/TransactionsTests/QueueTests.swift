import Dispatch
import Glibc
import HostState
import Synchronization
import TestSupport
import Testing
import Transactions

@Suite("The line of those who wait for the lock")
struct QueueTests {
  /// What the waiters were told and in which order they had the lock.
  private final class Log: Sendable {
    let had = Mutex<[Int32]>([])
    let told = Mutex<[Int32: [String]]>([:])

    var order: [Int32] { had.withLock { $0 } }
    func words(_ pid: Int32) -> [String] { told.withLock { $0[pid, default: []] } }
  }

  let sandbox: Sandbox
  private let log = Log()
  init() throws { sandbox = try Sandbox() }

  private static func holder(_ pid: Int32) -> LockHolder {
    LockHolder(pid: pid, user: "alice", command: "deploy \(pid)", stage: "verify", started: 1_800_000_000)
  }

  private func take(_ pid: Int32) throws -> TransactionLock {
    try TransactionLock(sandbox.context.state, holder: Self.holder(pid))
  }

  /// Lets a thread of its own wait, and returns once it stands in line: it was told whom it waits for.
  private func enter(_ pid: Int32, wait: Duration = .seconds(30), inLine: Bool = true) async throws {
    let state = sandbox.context.state
    DispatchQueue(label: "waiter \(pid)").async { [log] in
      let lock = try? TransactionLock(state, holder: Self.holder(pid), wait: wait, inLine: inLine) { words in
        log.told.withLock { $0[pid, default: []].append(words) }
      }
      log.had.withLock { $0.append(lock == nil ? -pid : pid) }
    }
    try await eventually("\(pid) stands in line") { !log.words(pid).isEmpty }
  }

  @Test("is kept: twenty have the lock in the order in which they came, each told of whom it waits for")
  func order() async throws {
    var first: TransactionLock? = try take(1000)
    let pids = (1...20).map(Int32.init)
    for pid in pids { try await enter(pid) }
    #expect(first != nil)
    let who = "waiting for pid 1000 of alice, 'deploy 1000', in 'verify', since 2027-01-15 08:00:00Z"
    for pid in pids {
      #expect(log.words(pid) == [who + (pid == 1 ? "" : "; \(pid - 1) ahead of this one")])
    }
    first = nil
    try await eventually("all had it", within: .seconds(30)) { log.order.count == pids.count }
    #expect(log.order == pids)
  }

  @Test("is short again once nobody waits: numbers do not grow")
  func numbers() async throws {
    for pid: Int32 in 1...3 {
      var lock: TransactionLock? = try take(100)
      try await enter(pid)
      #expect(lock != nil && log.words(pid).allSatisfy { !$0.contains("ahead of this one") })
      lock = nil
      try await eventually("\(pid) had it") { log.order.last == pid }
    }
  }

  @Test("is left by one whose time is up; those behind it move on, and are told when the holder changes")
  func deadline() async throws {
    var lock: TransactionLock? = try take(100)
    try await enter(1, wait: .milliseconds(700))
    try await enter(2)
    try await eventually("1 gave up") { log.order == [-1] }
    try await enter(3)
    #expect(log.words(3).last?.hasSuffix("; 1 ahead of this one") == true)
    #expect(lock != nil)
    lock = nil
    try await eventually("2 and 3 had it") { log.order.count == 3 }
    #expect(log.order == [-1, 2, 3])
  }

  @Test("is gone past by a recovery, which does what they would have to do first")
  func recovery() async throws {
    var lock: TransactionLock? = try take(100)
    try await enter(1)
    try await enter(2)
    try await enter(3, inLine: false)
    #expect(log.words(3).last?.contains("ahead of this one") == false)
    #expect(lock != nil)
    lock = nil
    try await eventually("all had it") { log.order.count == 3 }
    #expect(log.order.firstIndex(of: 1) ?? 9 < log.order.firstIndex(of: 2) ?? 0)
  }

  @Test("keeps a free lock from nobody: who stands behind one that cannot move has it when its time is up")
  func stopped() async throws {
    try TestFiles.write("", to: sandbox.root + "/state/queue")
    let place = open(sandbox.root + "/state/queue", O_RDWR)
    defer { close(place) }
    var lock = Glibc.flock(l_type: Int16(F_WRLCK), l_whence: 0, l_start: 0, l_len: 1, l_pid: 0)
    // A lock of this open file description, as every waiter's.
    #expect(fcntl(place, 37, &lock) == 0)
    let start = ContinuousClock.now
    let wait = Duration.milliseconds(400)
    let had = try TransactionLock(sandbox.context.state, holder: Self.holder(1), wait: wait)
    #expect(ContinuousClock.now - start >= wait)
    withExtendedLifetime(had) {}
  }
}
