internal import Glibc
internal import Synchronization

/// Work on many things at the same time.
///
/// On threads of its own: Dispatch lends none where Swift's pool, which shares them, has just asked for one.
package enum Parallel {
  /// What becomes of each element, in their order; on as many threads as there are cores. Blocks the calling thread.
  ///
  /// - Throws: the error of the first element, in their order, that has one. Others that were begun are gone through.
  package static func map<Element: Sendable, Value: Sendable, Failure: Error>(
    _ elements: [Element], _ transform: @Sendable (Element) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    try map(elements, with: {}) { (_: inout Void, element) throws(Failure) in try transform(element) }
  }

  /// As `map`, with something that is kept from each element to its neighbour.
  ///
  /// - Parameter start: what neighbours begin with; asked for again and again.
  package static func map<Element: Sendable, Kept, Value: Sendable, Failure: Error>(
    _ elements: [Element], with start: @Sendable () -> Kept,
    _ transform: @Sendable (inout Kept, Element) throws(Failure) -> Value
  ) throws(Failure) -> [Value] {
    guard elements.count > 1 else {
      var (values, kept): ([Value], Kept) = ([], start())
      for element in elements { values.append(try transform(&kept, element)) }
      return values
    }
    // Short pieces, since one of the elements may take as long as all others.
    let piece = max(1, min(elements.count / 64, 64))
    let pieces = (elements.count + piece - 1) / piece
    let done = Mutex<[Int: [Result<Value, Failure>]]>([:])
    let next = Atomic(0)
    let hasFailed = Atomic(false)
    onAllCores(pieces) {
      // Pieces are begun in their order, and each one goes as far as its own error: the first of all is among them.
      while !hasFailed.load(ordering: .relaxed) {
        let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard number < pieces else { return }
        let first = number.multipliedSaturated(by: piece)
        var (results, kept): ([Result<Value, Failure>], Kept) = ([], start())
        for element in elements[first..<min(first + piece, elements.count)] {
          do throws(Failure) {
            results.append(.success(try transform(&kept, element)))
          } catch {
            results.append(.failure(error))
            hasFailed.store(true, ordering: .relaxed)
            break
          }
        }
        done.withLock { $0[number] = results }
      }
    }
    let results = done.withLock(\.self)
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for number in 0..<pieces {
      for result in results[number] ?? [] { values.append(try result.get()) }
    }
    return values
  }

  /// The cores that this process may use.
  package static let cores: Int = {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let file = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
    defer { close(file) }
    let count = max(0, read(file, &bytes, bytes.count))
    return cores(inStatus: String(decoding: bytes.prefix(count), as: UTF8.self))
      ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
  }()

  /// - Parameter text: of `/proc/self/status` (proc(5)).
  static func cores(inStatus text: String) -> Int? {
    let name = "Cpus_allowed:"
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix(name) }) else { return nil }
    let count = line.dropFirst(name.count).reduce(0) { $0 + ($1.hexDigitValue?.nonzeroBitCount ?? 0) }
    return count > 0 ? count : nil
  }

  /// The threads of one task: each holds a few open files, of which a process may have 1,024 by default.
  private static let most = min(cores, 32)

  /// Threads that help at this moment, in the whole process: work within work asks for some too.
  private static let helping = Atomic(0)

  /// Runs `body` on the calling thread and at the same time on others, and returns when it has ended on all of them.
  ///
  /// - Parameter pieces: of work, which `body` takes one by one until none is left: no more threads than these.
  private static func onAllCores(_ pieces: Int, _ body: @Sendable () -> Void) {
    withoutActuallyEscaping(body) { body in
      let shared = Shared(body)
      var threads: [pthread_t] = []
      while threads.count < min(most, pieces) - 1, helping.load(ordering: .relaxed) < 4 * most,  // trap: few
        let thread = shared.start()
      {
        helping.wrappingAdd(1, ordering: .relaxed)
        threads.append(thread)
      }
      body()
      withExtendedLifetime(shared) {
        for thread in threads {
          pthread_join(thread, nil)
          helping.wrappingSubtract(1, ordering: .relaxed)
        }
      }
    }
  }

  /// What several threads run; it outlives them.
  private final class Shared: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }

    /// - Returns: `nil` where the system has no thread left.
    func start() -> pthread_t? {
      var thread = pthread_t()
      let failure = pthread_create(
        &thread, nil,
        { shared in
          if let shared { Unmanaged<Shared>.fromOpaque(shared).takeUnretainedValue().body() }
          return nil
        }, Unmanaged.passUnretained(self).toOpaque())
      return failure == 0 ? thread : nil
    }
  }
}
