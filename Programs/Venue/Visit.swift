import Glibc

/// One client's connection, served until it ends.
struct Visit {
  let descriptor: Int32
  let book: SharedBook
  /// How long it takes for what nobody waits for any more.
  let slowness: Duration

  /// Blocks the calling thread.
  func serve() {
    var received: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      while let newline = received.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: received[..<newline], as: UTF8.self)
        received.removeFirst(newline + 1)
        guard answer(line.split(separator: " ").map(String.init)) else { return }
      }
      let count = recv(descriptor, &chunk, chunk.count, 0)
      guard count > 0 else { return }
      received += chunk.prefix(count)
    }
  }

  /// False when the connection is to be closed.
  private func answer(_ words: [String]) -> Bool {
    guard words.count >= 3 else { return false }
    let (number, id) = (words[0], words[2])
    switch (words[1], words.count) {
    case ("ORDER", 9):
      guard let deadline = Int64(words[3]), Self.isAmount(words[6]), words[7] == "-" || Self.isAmount(words[7]) else {
        return false
      }
      return order(number, id, before: deadline)
    case ("OPEN", 3):
      let now = Self.now()
      say(number, book.use { $0.open(id, at: now) }?.answer(at: now) ?? "NONE \(now)")
    case ("HISTORY", 3): say(number, book.use { $0.history(id, at: Self.now()) })
    default: return false
    }
    return true
  }

  /// Digits with a point at most, above 0: no exponent, and no 0 for a price that is not there.
  private static func isAmount(_ word: String) -> Bool {
    word.allSatisfy { $0.isASCII && $0.isNumber || $0 == "." } && Double(word).map { $0 > 0 } ?? false
  }

  private func order(_ number: String, _ id: String, before deadline: Int64) -> Bool {
    let delivery = book.use { $0.delivery(of: id) }
    switch delivery {
    case .lost: return false
    case .limited:
      say(number, "REFUSED too many requests")
      return true
    case .slow: pause()
    default: break
    }
    let answer = book.use { $0.make(id, before: deadline, at: Self.now()) }
    switch delivery {
    case .silent: return true
    case .drop: return false
    case .late: pause()
    case .twice: say(number, answer)
    case .vague where answer.hasPrefix("FILLED"):
      say(number, answer.split(separator: " ").prefix(2).joined(separator: " ") + " - - 0")
      return true
    default: break
    }
    say(number, answer)
    return true
  }

  private func say(_ number: String, _ answer: String) {
    let line = Array("\(number) \(answer)\n".utf8)
    _ = send(descriptor, line, line.count, Int32(MSG_NOSIGNAL))
  }

  private func pause() {
    usleep(UInt32(slowness / .microseconds(1)))
  }

  static func now() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
