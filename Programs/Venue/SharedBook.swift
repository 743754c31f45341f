import Synchronization

/// The book, for all connections.
final class SharedBook: Sendable {
  private let book: Mutex<Book>

  init(_ book: sending Book) {
    self.book = Mutex(book)
  }

  func use<Result: Sendable>(_ body: (inout Book) -> Result) -> Result {
    book.withLock { body(&$0) }
  }
}
