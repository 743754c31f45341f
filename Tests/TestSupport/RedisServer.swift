internal import Glibc
package import Redis
internal import Synchronization

/// A real redis-server for one test, in a folder of its own, on a unix socket and if wanted on a loopback port.
///
/// `with` ends and removes it whatever the test does. A watcher process that holds the reading end of a pipe does the
/// same when the test process itself is killed: the pipe then has no writer any more.
package final class RedisServer {
  package struct Options: Sendable {
    /// Also listen on a free port of 127.0.0.1.
    package var tcp: Bool
    package var password: String?
    package var appendOnly: Bool
    /// Further lines of redis.conf, such as `maxmemory 4mb`.
    package var configuration: [String]

    package init(
      tcp: Bool = false, password: String? = nil, appendOnly: Bool = true, configuration: [String] = []
    ) {
      self.tcp = tcp
      self.password = password
      self.appendOnly = appendOnly
      self.configuration = configuration
    }
  }

  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  package let folder: String
  /// By the unix socket.
  package let endpoint: Endpoint
  /// By the loopback port; nil unless it was wanted.
  package let tcpEndpoint: Endpoint?
  private let options: Options
  private var watcher: pid_t?
  private var lifeline: Int32 = -1
  private static let spawning = Mutex(())

  private init(_ options: Options) throws {
    self.options = options
    // sockaddr_un holds 107 characters, so the folder is not below a long TMPDIR.
    var template = Array("/tmp/qtctl-redis-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Failure(description: "mkdtemp: errno \(errno)") }
    folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    endpoint = Endpoint(.unix(path: folder + "/redis.sock"), password: options.password)
    tcpEndpoint =
      options.tcp ? Endpoint(.tcp(host: "127.0.0.1", port: try Self.freePort()), password: options.password) : nil
  }

  deinit {
    remove()
  }

  /// Runs a server while `body` does.
  package static func with<Result>(
    _ options: Options = Options(), _ body: (RedisServer) throws -> Result
  ) throws -> Result {
    let server = try RedisServer(options)
    defer { server.remove() }
    try server.start()
    return try body(server)
  }

  /// Runs a server while `body` does.
  package static func with<Result>(
    _ options: Options = Options(), isolation: isolated (any Actor)? = #isolation,
    _ body: (RedisServer) async throws -> Result
  ) async throws -> Result {
    let server = try RedisServer(options)
    defer { server.remove() }
    try server.start()
    return try await body(server)
  }

  /// A connection by the unix socket.
  package func connect(_ options: Connection.Options = .init()) throws -> Connection {
    try Connection(to: endpoint, options: options)
  }

  package var isRunning: Bool { watcher != nil }

  /// Starts the server, again with the same data when it ran before, and waits until it answers, if wanted.
  package func start(andWait isWaiting: Bool = true) throws {
    guard watcher == nil else { return }
    try configure()
    // One at a time: a writing end that another watcher had inherited would keep this one's server alive.
    try Self.spawning.withLock { _ in try spawnWatched() }
    if isWaiting { try waitUntilItAnswers() }
  }

  /// Waits until the server answers, its data loaded.
  package func waitUntilItAnswers() throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
      if let connection = try? connect(), (try? connection.call(["PING"])) != nil { return }
      usleep(3000)
    }
    kill()
    throw Failure(description: "redis-server did not answer within 20 s; see \(folder)/redis.log")
  }

  /// Kills the server with SIGKILL and returns when it is gone. Its data stay for the next `start`.
  package func kill() {
    end(keeping: true)
  }

  private func remove() {
    end(keeping: false)
  }

  private func configure() throws {
    var lines = [
      "unixsocket \(folder)/redis.sock", "dir \(folder)", "logfile \(folder)/redis.log", "save \"\"",
      "appendonly \(options.appendOnly ? "yes" : "no")", "maxmemory-policy noeviction", "daemonize no",
    ]
    if case .tcp(_, let port)? = tcpEndpoint?.address {
      lines += ["port \(port)", "bind 127.0.0.1"]
    } else {
      lines.append("port 0")
    }
    if let password = options.password { lines.append("requirepass \"\(password)\"") }
    lines += options.configuration
    guard let file = fopen(folder + "/redis.conf", "w") else {
      throw Failure(description: "redis.conf: errno \(errno)")
    }
    fputs(lines.joined(separator: "\n") + "\n", file)
    fclose(file)
  }

  /// The server is the watcher's child, so that only the watcher kills by its number, which nobody can have taken over.
  private func spawnWatched() throws {
    let program = """
      redis-server "$1/redis.conf" </dev/null >/dev/null 2>&1 &
      read -r word
      kill -9 $!
      wait $! 2>/dev/null
      [ "$word" = keep ] || rm -rf "$1"
      """
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw Failure(description: "pipe: errno \(errno)") }
    // No other program that this process starts may hold the writing end, or the watcher would wait for that one.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: Ctrl-C is for the tests, which then end the server.
    // An empty signal mask: threads of a test run block SIGCHLD, and a shell that inherits that waits for ever.
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK))
    var pid: pid_t = 0
    let status = Self.withArguments(["/bin/sh", "-c", program, "sh", folder]) { arguments in
      posix_spawn(&pid, "/bin/sh", &actions, &attributes, arguments, environ)
    }
    close(ends[0])
    guard status == 0 else {
      close(ends[1])
      throw Failure(description: "/bin/sh: errno \(status)")
    }
    watcher = pid
    lifeline = ends[1]
  }

  private func end(keeping: Bool) {
    guard let watcher else {
      if !keeping { removeFolder() }
      return
    }
    _ = (keeping ? "keep\n" : "drop\n").withCString { write(lifeline, $0, 5) }
    close(lifeline)
    var status: Int32 = 0
    while waitpid(watcher, &status, 0) < 0 && errno == EINTR {}
    self.watcher = nil
  }

  private func removeFolder() {
    guard access(folder, F_OK) == 0 else { return }
    var pid: pid_t = 0
    let spawned = Self.withArguments(["rm", "-rf", folder]) { posix_spawnp(&pid, "rm", nil, nil, $0, environ) }
    guard spawned == 0 else { return }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
  }

  private static func withArguments(
    _ arguments: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Int32
  ) -> Int32 {
    let list: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    defer { for argument in list { free(argument) } }
    return body(list)
  }

  static func freePort() throws -> UInt16 {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard socket >= 0 else { throw Failure(description: "socket: errno \(errno)") }
    defer { close(socket) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    return try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        guard bind(socket, pointer, length) == 0, getsockname(socket, pointer, &length) == 0 else {
          throw Failure(description: "bind: errno \(errno)")
        }
        return UInt16(
          bigEndian: UnsafeRawPointer(pointer).loadUnaligned(fromByteOffset: 2, as: UInt16.self))
      }
    }
  }
}
