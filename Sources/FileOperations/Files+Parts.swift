internal import CLinux
internal import Glibc
internal import SystemPackage

extension Files {
  /// A stretch of a file.
  package enum Part {
    /// Up to 1 MiB that is stored.
    case data(UnsafeRawBufferPointer)
    /// So many zeros that are not.
    case hole(Int)
  }

  /// Goes through a file from start to end. Does not follow a symlink at `path`.
  package static func forEachPart(of path: String, _ body: (Part) throws -> Void) throws {
    let file = try openForReading(path)
    defer { close(file) }
    try withUnsafeTemporaryAllocation(byteCount: 1 << 20, alignment: 16) { buffer in
      var place = 0
      while let data = try nextData(in: file, from: place, path: path) {
        if data > place { try body(.hole(data - place)) }
        place = data
        let hole = try check("seek in", path) { lseek(file, off_t(data), SEEK_HOLE) }
        while place < hole {
          let wanted = min(buffer.count, hole - place)
          let count = try check("read", path) { pread(file, buffer.baseAddress, wanted, off_t(place)) }
          if count == 0 { return }
          try body(.data(UnsafeRawBufferPointer(rebasing: buffer[..<count])))
          place += count
        }
      }
      let end = try check("seek in", path) { lseek(file, 0, SEEK_END) }
      if end > place { try body(.hole(end - place)) }
    }
  }

  /// Where the next stored byte is; `nil` when there is none any more.
  private static func nextData(in file: Int32, from place: Int, path: String) throws(FileError) -> Int? {
    do {
      return try check("seek in", path) { lseek(file, off_t(place), SEEK_DATA) }
    } catch  where error.errno == .noSuchAddressOrDevice {
      return nil
    }
  }
}
