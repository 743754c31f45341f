internal import Glibc

/// A file of which a few places are read.
package final class FileWindow {
  private let file: Int32
  package let size: Int

  package convenience init(_ path: String) throws { try self.init(FileLocation(own: path)) }

  package init(_ location: FileLocation) throws { (file, size) = try location.openForReading() }

  deinit { close(file) }

  /// - Returns: `nil` where the file is shorter.
  package func bytes(at offset: Int, count: Int) -> [UInt8]? {
    guard offset >= 0, count >= 0, count <= size, offset <= size - count else { return nil }
    var bytes = [UInt8](repeating: 0, count: count)
    return pread(file, &bytes, count, offset) == count ? bytes : nil
  }

  /// Text that ends with a zero byte, up to a page of it.
  package func text(at offset: Int) -> String? {
    offset < 0 || offset > size
      ? nil
      : bytes(at: offset, count: min(4096, size - offset)).map {
        String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
      }
  }
}
