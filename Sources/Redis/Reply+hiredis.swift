internal import CHiredis

extension Reply {
  /// Copies a reply of hiredis, which stays its caller's to free.
  init(copying reply: UnsafePointer<redisReply>) {
    switch reply.pointee.type {
    case REDIS_REPLY_STRING:
      self = Self.bulk(Self.buffer(of: reply))
    case REDIS_REPLY_INTEGER:
      self = .integer(reply.pointee.integer)
    case REDIS_REPLY_ARRAY:
      var elements: [Reply] = []
      elements.reserveCapacity(reply.pointee.elements)
      for index in 0..<reply.pointee.elements {
        if let element = reply.pointee.element[index] { elements.append(Reply(copying: element)) }
      }
      self = .array(elements)
    case REDIS_REPLY_STATUS:
      self = .status(String(decoding: Self.buffer(of: reply), as: UTF8.self))
    case REDIS_REPLY_ERROR:
      self = .error(ServerError(line: String(decoding: Self.buffer(of: reply), as: UTF8.self)))
    default:
      self = .null
    }
  }

  private static func buffer(of reply: UnsafePointer<redisReply>) -> UnsafeBufferPointer<UInt8> {
    let start = UnsafeRawPointer(reply.pointee.str)?.assumingMemoryBound(to: UInt8.self)
    return UnsafeBufferPointer(start: start, count: start == nil ? 0 : reply.pointee.len)
  }

  private static func bulk(_ buffer: UnsafeBufferPointer<UInt8>) -> Reply {
    if let text = String(validating: buffer, as: UTF8.self) { return .text(text) }
    return .bytes(Array(buffer))
  }
}
