internal import CHiredis
internal import Glibc

extension Connection {
  /// Sends one command and returns its answer; a server's error is thrown.
  ///
  /// - Parameters:
  ///   - timeout: How long the answer may take; it must exceed the command's own BLOCK. nil is the connection's.
  ///   - stop: Ends the wait at once when it is raised; the connection is closed then, as the answer may still come.
  @discardableResult
  public func call(
    _ command: Command, timeout: Duration? = nil, stop: StopSignal? = nil
  ) throws(RedisError) -> Reply {
    let reply = try send(command, timeout: timeout, stop: stop)
    if case .error(let error) = reply { throw .server(error) }
    return reply
  }

  /// As `call`, but a server's error is returned as a reply.
  public func send(
    _ command: Command, timeout: Duration? = nil, stop: StopSignal? = nil
  ) throws(RedisError) -> Reply {
    try begin(timeout)
    try append(command)
    if let stop { try wait(for: command, stop) }
    return try receive(command)
  }

  /// Sends all commands in one go and returns exactly one reply for each, in order; the server's errors are among the
  /// replies, and one does not keep the others from being carried out.
  ///
  /// When it throws, any number of the commands may have been carried out.
  public func pipeline(_ commands: [Command], timeout: Duration? = nil) throws(RedisError) -> [Reply] {
    try begin(timeout)
    for command in commands { try append(command) }
    var replies: [Reply] = []
    replies.reserveCapacity(commands.count)
    for command in commands { replies.append(try receive(command)) }
    return replies
  }

  /// Sends each command as soon as it is made and makes the next one while the server carries it out and, if need be,
  /// the one before. Otherwise as `pipeline`.
  ///
  /// - Parameter next: makes a command; nil ends it.
  public func stream(timeout: Duration? = nil, _ next: () -> Command?) throws(RedisError) -> [Reply] {
    try begin(timeout)
    var replies: [Reply] = []
    // By their names: the commands themselves are large.
    var underWay: [Command] = []
    while let command = next() {
      if underWay.count == Self.mostUnderWay { replies.append(try receive(underWay.removeFirst())) }
      try append(command)
      try flush(command)
      underWay.append(Command(command.name))
    }
    for command in underWay { replies.append(try receive(command)) }
    return replies
  }

  private static let mostUnderWay = 2

  /// Asks one question.
  public func ask<Answer>(_ query: Query<Answer>, timeout: Duration? = nil) throws(RedisError) -> Answer {
    try query.read(try send(query.command, timeout: timeout))
  }

  // Any answer may close the connection, so each step asks anew whether it is there.

  func begin(_ timeout: Duration?) throws(RedisError) {
    guard let context else { throw .closed }
    let wanted = timeout ?? options.timeout
    if wanted != socketTimeout {
      guard redisSetTimeout(context, wanted.socketTimeout) == REDIS_OK else { throw fail("SO_RCVTIMEO", errno) }
      socketTimeout = wanted
    }
  }

  func append(_ command: Command) throws(RedisError) {
    guard let context else { throw .closed }
    // hiredis would send an empty command as `*0`, to which no reply ever comes.
    // trap: of the caller, not from outside
    precondition(command.count > 0, "a command without a name")
    for part in [command.header, command.bytes] {
      let status = part.withUnsafeBytes { bytes in
        redisAppendFormattedCommand(context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
      }
      guard status == REDIS_OK else { throw fail(command.name, errno) }
    }
  }

  /// Hands over to the kernel what was appended, within the call's timeout in total.
  func flush(_ command: Command) throws(RedisError) {
    guard let context else { throw .closed }
    let deadline = ContinuousClock.now + socketTimeout
    var done: Int32 = 0
    while done == 0 {
      guard redisBufferWrite(context, &done) == REDIS_OK else { throw fail(command.name, errno) }
      if done == 0, .now > deadline { throw fail(command.name, EAGAIN) }
    }
  }

  /// The answer to `command`, as far as it comes within the call's timeout and the connection's limit of bytes.
  ///
  /// Both count for the whole answer: a server that sends a byte now and then, or without end, holds nobody up.
  private func receive(_ command: Command) throws(RedisError) -> Reply {
    try flush(command)
    try receiveAhead()
    return try receiveNext(command)
  }

  func receiveNext(_ command: Command) throws(RedisError) -> Reply {
    guard let context else { throw .closed }
    let deadline = ContinuousClock.now + socketTimeout
    var received = 0
    var raw: UnsafeMutableRawPointer?
    while true {
      guard redisGetReplyFromReader(context, &raw) == REDIS_OK else { throw fail(command.name, errno) }
      if raw != nil {
        let reply = builder.take()
        if case .error(let error) = reply, error.code == "READONLY", case .sentinels = endpoint.address {
          // A master no longer; the next connection asks the sentinels.
          close()
        }
        return reply
      }
      // The socket's own timeout bounds the first read. Only an answer in many pieces needs the clock.
      if received > 0 { try waitForMore(of: command, on: context, until: deadline) }
      let before = context.pointee.reader.pointee.len
      guard redisBufferRead(context) == REDIS_OK else { throw fail(command.name, errno) }
      received += Int(context.pointee.reader.pointee.len) - Int(before)
      guard received <= options.maxReplyBytes else {
        close()
        throw .replyTooLarge(command: command.name, limit: options.maxReplyBytes)
      }
    }
  }

  private func waitForMore(
    of command: Command, on context: UnsafeMutablePointer<redisContext>, until deadline: ContinuousClock.Instant
  ) throws(RedisError) {
    while true {
      var entry = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
      let count = poll(&entry, 1, ContinuousClock.now.duration(to: deadline).pollMilliseconds)
      let code = errno
      if count > 0 { return }
      guard count < 0, code == EINTR else { throw fail(command.name, count == 0 ? EAGAIN : code) }
    }
  }

  /// Writes what is to be sent, then waits until an answer begins, the stop signal is raised or the time is over.
  private func wait(for command: Command, _ stop: StopSignal) throws(RedisError) {
    try flush(command)
    try receiveAhead()
    guard let context else { throw .closed }
    let clock = ContinuousClock()
    let end = clock.now + socketTimeout
    while true {
      var entries = [
        pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: stop.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      let count = poll(&entries, 2, clock.now.duration(to: end).pollMilliseconds)
      let code = errno
      if count < 0 {
        guard code == EINTR else { throw fail(command.name, code) }
      } else if count == 0 {
        throw fail(command.name, EAGAIN)
        // trap: of the caller, not from outside
      } else if entries[0].revents != 0 {
        // The answer is there: what came with it is in hand, so it is finished even if the signal came too.
        return
      } else {
        close()
        throw .stopped
      }
    }
  }

  /// Closes the connection, as nothing that comes over it can be told apart any more, and says why.
  private func fail(_ command: String, _ code: Int32) -> RedisError {
    guard let context else { return .closed }
    let error = context.pointee.err
    let reason = error == 0 ? String(cString: strerror(code)) : Self.reason(of: context)
    close()
    let isTimeout = (error == 0 || error == REDIS_ERR_IO) && (code == EAGAIN || code == ETIMEDOUT)
    return isTimeout ? .timeout(command: command, after: socketTimeout) : .lost(command: command, reason: reason)
  }
}
