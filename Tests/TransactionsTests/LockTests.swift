import Deployment
import HostState
import Testing
import Transactions

@Suite("The lock")
struct LockTests {
  let sandbox: Sandbox
  init() throws { sandbox = try Sandbox() }

  private func take(wait: Duration = .zero) throws -> TransactionLock {
    try TransactionLock(
      sandbox.context.state,
      holder: LockHolder(pid: 42, user: "alice", command: "deploy /releases/7", stage: "begin", started: 1_800_000_000),
      wait: wait)
  }

  @Test("turns a second transaction away, and says who, what, how far and since when")
  func turnsAway() async throws {
    let lock = try take()
    lock.enter("commit")
    let release = try sandbox.release("1", ["app": "one"])
    let error = await #expect(throws: LockError.self) { try await sandbox.deploy(release) }
    #expect(error?.exitStatus == .locked)
    for word in ["42", "alice", "deploy /releases/7", "commit", "2027-01-15 08:00:00Z"] {
      #expect(error?.description.contains(word) == true, "\(word)")
    }
    withExtendedLifetime(lock) {}
  }

  @Test("is free again when its holder is gone")
  func freed() throws {
    do { _ = try take() }
    _ = try take()
  }

  @Test("gives up at the deadline, not before")
  func waits() throws {
    let lock = try take()
    let start = ContinuousClock.now
    #expect(throws: LockError.self) { try take(wait: .milliseconds(300)) }
    #expect(ContinuousClock.now - start >= .milliseconds(300))
    withExtendedLifetime(lock) {}
  }

  @Test("is handed on to who waits")
  func handedOn() async throws {
    var lock: TransactionLock? = try take()
    let state = sandbox.context.state
    let waiter = Task.detached {
      let holder = LockHolder(pid: 43, user: "bob", command: "deploy", stage: "begin", started: 1)
      return try TransactionLock(state, holder: holder, wait: .seconds(20)) as TransactionLock? != nil
    }
    try await Task.sleep(for: .milliseconds(100))
    #expect(lock != nil)
    lock = nil
    #expect(try await waiter.value)
  }
}
