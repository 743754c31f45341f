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
    let context = try begin(timeout)
    try append(command, to: context)
    if let stop { try wait(for: command, on: context, stop) }
    return try receive(command, from: context)
  }

  /// Sends all commands in one go and returns exactly one reply for each, in order; the server's errors are among the
  /// replies, and one does not keep the others from being carried out.
  ///
  /// When it throws, any number of the commands may have been carried out.
  public func pipeline(_ commands: [Command], timeout: Duration? = nil) throws(RedisError) -> [Reply] {
    let context = try begin(timeout)
    for command in commands { try append(command, to: context) }
    var replies: [Reply] = []
    replies.reserveCapacity(commands.count)
    for command in commands { replies.append(try receive(command, from: context)) }
    return replies
  }

  /// Sends each command as soon as it is made and makes the next one while the server carries it out. Otherwise as
  /// `pipeline`.
  ///
  /// - Parameter next: makes a command; nil ends it.
  public func stream(timeout: Duration? = nil, _ next: () -> Command?) throws(RedisError) -> [Reply] {
    let context = try begin(timeout)
    var replies: [Reply] = []
    var underWay: Command?
    while let command = next() {
      try append(command, to: context)
      try flush(command, to: context)
      if let underWay { replies.append(try receive(underWay, from: context)) }
      underWay = command
    }
    if let underWay { replies.append(try receive(underWay, from: context)) }
    return replies
  }

  /// Asks one question.
  public func ask<Answer>(_ query: Query<Answer>, timeout: Duration? = nil) throws(RedisError) -> Answer {
    try query.read(try send(query.command, timeout: timeout))
  }

  private func begin(_ timeout: Duration?) throws(RedisError) -> UnsafeMutablePointer<redisContext> {
    guard let context else { throw .closed }
    let wanted = timeout ?? options.timeout
    if wanted != socketTimeout {
      guard redisSetTimeout(context, wanted.socketTimeout) == REDIS_OK else { throw fail("SO_RCVTIMEO", errno) }
      socketTimeout = wanted
    }
    return context
  }

  private func append(_ command: Command, to context: UnsafeMutablePointer<redisContext>) throws(RedisError) {
    // hiredis would send an empty command as `*0`, to which no reply ever comes.
    precondition(command.count > 0, "a command without a name")
    let status = command.withArguments { count, pointers, lengths in
      redisAppendCommandArgv(context, count, pointers, lengths)
    }
    guard status == REDIS_OK else { throw fail(command.name, errno) }
  }

  /// Hands over to the kernel what was appended.
  private func flush(_ command: Command, to context: UnsafeMutablePointer<redisContext>) throws(RedisError) {
    var done: Int32 = 0
    while done == 0 {
      guard redisBufferWrite(context, &done) == REDIS_OK else { throw fail(command.name, errno) }
    }
  }

  private func receive(
    _ command: Command, from context: UnsafeMutablePointer<redisContext>
  ) throws(RedisError) -> Reply {
    var raw: UnsafeMutableRawPointer?
    let status = redisGetReply(context, &raw)
    let code = errno
    // A null pointer is not the nil reply but the absence of one.
    guard status == REDIS_OK, let raw else { throw fail(command.name, code) }
    defer { freeReplyObject(raw) }
    let reply = Reply(copying: raw.assumingMemoryBound(to: redisReply.self))
    if case .error(let error) = reply, error.code == "READONLY", case .sentinels = endpoint.address {
      // A master no longer; the next connection asks the sentinels.
      close()
    }
    return reply
  }

  /// Writes what is to be sent, then waits until an answer begins, the stop signal is raised or the time is over.
  private func wait(
    for command: Command, on context: UnsafeMutablePointer<redisContext>, _ stop: StopSignal
  ) throws(RedisError) {
    try flush(command, to: context)
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
