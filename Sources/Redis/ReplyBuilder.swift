internal import CHiredis

/// Makes replies out of what hiredis' reader finds, without the objects that hiredis would make of it first: a batch of
/// entries has thousands of values.
final class ReplyBuilder {
  /// What the reader calls. It holds a pointer to this, so a builder has to outlive its connection's context.
  private let functions: UnsafeMutablePointer<redisReplyObjectFunctions>
  /// The arrays that are not complete yet, the outermost first, each with the number of elements that it lacks.
  private var open: [(elements: [Reply], missing: Int)] = []
  private var whole: Reply?

  init() {
    functions = .allocate(capacity: 1)
    functions.initialize(
      to: redisReplyObjectFunctions(
        createString: { task, bytes, count in
          ReplyBuilder.of(task) {
            $0.add(.init(task?.pointee.type, UnsafeRawBufferPointer(start: bytes, count: count)))
          }
        },
        createArray: { task, count in ReplyBuilder.of(task) { $0.begin(Int(count)) } },
        createInteger: { task, number in ReplyBuilder.of(task) { $0.add(.integer(number)) } },
        createNil: { task in ReplyBuilder.of(task) { $0.add(.null) } },
        freeObject: { _ in }))
  }

  deinit {
    functions.deallocate()
  }

  /// To be called once for each context, before anything is read.
  func attach(to context: UnsafeMutablePointer<redisContext>) {
    context.pointee.reader.pointee.fn = functions
    context.pointee.reader.pointee.privdata = Unmanaged.passUnretained(self).toOpaque()
  }

  /// The reply that the reader has called complete.
  func take() -> Reply {
    defer { whole = nil }
    return whole ?? .null
  }

  /// The reader only looks whether there is an object, so the builder itself stands for each.
  private static func of(
    _ task: UnsafePointer<redisReadTask>?, _ body: (ReplyBuilder) -> Void
  ) -> UnsafeMutableRawPointer? {
    guard let pointer = task?.pointee.privdata else { return nil }
    body(Unmanaged<ReplyBuilder>.fromOpaque(pointer).takeUnretainedValue())
    return pointer
  }

  private func begin(_ count: Int) {
    guard count > 0 else { return add(.array([])) }
    var elements: [Reply] = []
    // The number is the server's word; room is made for what a batch has.
    elements.reserveCapacity(min(count, 1024))
    open.append((elements, count))
  }

  private func add(_ reply: Reply) {
    var reply = reply
    while let last = open.indices.last {
      open[last].elements.append(reply)
      open[last].missing -= 1
      guard open[last].missing == 0 else { return }
      reply = .array(open.removeLast().elements)
    }
    whole = reply
  }
}

extension Reply {
  /// A string of any kind, as the server sent it.
  fileprivate init(_ type: Int32?, _ bytes: UnsafeRawBufferPointer) {
    switch type {
    case REDIS_REPLY_STATUS: self = .status(String(decoding: bytes, as: UTF8.self))
    case REDIS_REPLY_ERROR: self = .error(ServerError(line: String(decoding: bytes, as: UTF8.self)))
    default:
      // The usual text needs no decoder that tells what is wrong.
      if Self.isASCII(bytes) {
        self = .text(String(decoding: bytes, as: UTF8.self))
      } else if let text = String(validating: bytes, as: UTF8.self) {
        self = .text(text)
      } else {
        self = .bytes(Array(bytes))
      }
    }
  }

  private static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var all: UInt8 = 0
    for byte in bytes { all |= byte }
    return all < 0x80
  }
}
