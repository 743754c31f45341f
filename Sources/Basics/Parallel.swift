internal import Dispatch
internal import Synchronization

/// Work on many things at the same time.
package enum Parallel {
  /// What becomes of each element, in their order; on as many threads as there are cores. Blocks the calling thread.
  ///
  /// - Throws: the error of the first element, in their order, that has one. The others may have been gone through.
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
    DispatchQueue.concurrentPerform(iterations: pieces) { number in
      let first = number.multipliedSaturated(by: piece)
      var (results, kept): ([Result<Value, Failure>], Kept) = ([], start())
      for element in elements[first..<min(first + piece, elements.count)] {
        do throws(Failure) {
          results.append(.success(try transform(&kept, element)))
        } catch {
          results.append(.failure(error))
        }
      }
      done.withLock { $0[number] = results }
    }
    let results = done.withLock(\.self)
    var values: [Value] = []
    values.reserveCapacity(elements.count)
    for number in 0..<pieces {
      for result in results[number] ?? [] { values.append(try result.get()) }
    }
    return values
  }
}
