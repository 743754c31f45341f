internal import Basics

/// A thread of its own for what blocks.
package enum Background {
  package static func run(_ body: @escaping @Sendable () -> Void) {
    precondition(BlockingThread.start(body), "no thread can be made")
  }
}
