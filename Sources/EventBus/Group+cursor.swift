public import Redis

extension Group {
  /// Where the group stands: the id that was delivered last. `nil` where there is no such group or stream.
  public func lastDelivered(on connection: Connection) throws(RedisError) -> String? {
    do {
      return try connection.ask(Stream(stream).groups).first { $0.name == name }?.lastDeliveredID
    } catch {
      if error.serverError?.message.contains("no such key") == true { return nil }
      throw error
    }
  }

  /// Sets where the group stands. What is pending stays so.
  public func setCursor(to id: String, on connection: Connection) throws(RedisError) {
    try connection.call(["XGROUP", "SETID", stream, name, id])
  }
}

extension Stream {
  /// How many entries lie behind `first` up to and with `last`; `nil` where there are more than `limit`.
  public func count(
    after first: String, through last: String, limit: Int, on connection: Connection
  ) throws(RedisError) -> Int? {
    var total = 0
    var place = first
    while total <= limit {
      let page = try connection.ask(range(from: "(" + place, to: last, limit: 1000))
      total += page.count
      guard page.count == 1000, let end = page.last else { return total > limit ? nil : total }
      place = end.id
    }
    return nil
  }
}
