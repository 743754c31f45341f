import Glibc
import Redis
import TestSupport

/// The Redis of a run, of which there are two: one that works, at a path that leads to its socket, and one that takes its
/// place in a failover. It can go back in time.
///
/// A loss has two moments: `begin` fixes the state that Redis will go back to, and `finish` takes it there. What is
/// written between the two is lost.
final class RedisPair {
  /// The socket that the clients know.
  let socket: String
  private var active: RedisServer
  private var other: RedisServer
  private let folder: String
  private var pending: (kind: Fault, due: ContinuousClock.Instant, sizes: [String: Int64])?
  private var startDue: ContinuousClock.Instant?

  init(_ active: RedisServer, _ other: RedisServer, in folder: String) throws {
    (self.active, self.other) = (active, other)
    self.folder = folder
    socket = folder + "/redis.sock"
    try point()
  }

  var endpoint: Endpoint { Endpoint(.unix(path: socket)) }
  var isRunning: Bool { active.isRunning }

  func connect() throws -> Connection { try Connection(to: endpoint) }

  func kill(down: Duration) {
    active.kill()
    startDue = .now + down
  }

  /// False when another loss is under way, or Redis is down.
  func begin(_ fault: Fault) throws -> Bool {
    guard pending == nil, active.isRunning, let time = fault.loss else { return false }
    var sizes: [String: Int64] = [:]
    switch fault {
    case .failover: try replicate()
    case .restore: try copy(active.folder + "/appendonlydir", to: folder + "/copy")
    default: sizes = Self.sizes(in: active.folder + "/appendonlydir")
    }
    pending = (fault, .now + time, sizes)
    return true
  }

  /// To be called often.
  func turn() throws {
    if let startDue, startDue <= .now {
      self.startDue = nil
      try active.start()
    }
    if let pending, pending.due <= .now { try finish() }
  }

  /// Nothing is under way any more.
  func calm() throws {
    if pending != nil { try finish() }
    startDue = nil
    try active.start()
  }

  private func finish() throws {
    guard let (fault, _, sizes) = pending else { return }
    pending = nil
    startDue = nil
    active.kill()
    switch fault {
    case .failover:
      swap(&active, &other)
      try point()
    case .restore:
      try run("/bin/rm", ["-rf", active.folder + "/appendonlydir"])
      try copy(folder + "/copy", to: active.folder + "/appendonlydir")
    default:
      for (path, size) in Self.sizes(in: active.folder + "/appendonlydir") {
        if let before = sizes[path], before < size { truncate(path, Int(before)) }
      }
    }
    try active.start()
  }

  /// Makes the other one a replica that has everything up to now and nothing of what comes.
  private func replicate() throws {
    guard case .tcp(let host, let port)? = active.tcpEndpoint?.address else { return }
    other.kill()
    try run("/bin/rm", ["-rf", other.folder + "/appendonlydir"])
    try other.start()
    let replica = try other.connect()
    try replica.call(["REPLICAOF", host, String(port)])
    let end = ContinuousClock.now + .seconds(10)
    while try replica.call(["INFO", "replication"]).string?.contains("master_link_status:up") != true {
      guard ContinuousClock.now < end else { throw ChildProcess.Failure(description: "the replica does not come up") }
      usleep(5000)
    }
    try replica.call(["REPLICAOF", "NO", "ONE"])
  }

  private func point() throws {
    let fresh = socket + ".new"
    unlink(fresh)
    guard symlink(active.folder + "/redis.sock", fresh) == 0, rename(fresh, socket) == 0 else {
      throw ChildProcess.Failure(description: "cannot link '\(socket)': errno \(errno)")
    }
  }

  private func copy(_ source: String, to target: String) throws {
    try run("/bin/rm", ["-rf", target])
    try run("/bin/cp", ["-r", source, target])
  }

  private func run(_ program: String, _ arguments: [String]) throws {
    guard try ChildProcess(program, arguments).wait(upTo: .seconds(10)) == .exited(0) else {
      throw ChildProcess.Failure(description: "\(program) \(arguments.joined(separator: " ")) failed")
    }
  }

  /// Of the files that are appended to, by path.
  private static func sizes(in folder: String) -> [String: Int64] {
    var sizes: [String: Int64] = [:]
    guard let stream = opendir(folder) else { return sizes }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      var info = stat()
      if name.hasSuffix(".incr.aof"), stat("\(folder)/\(name)", &info) == 0 {
        sizes["\(folder)/\(name)"] = Int64(info.st_size)
      }
    }
    return sizes
  }
}
