internal import CLinux
internal import Glibc
internal import SystemPackage

extension FileLocation {
  /// A stretch of a file.
  package enum Part {
    /// Up to 1 MiB that is stored.
    case data(UnsafeRawBufferPointer)
    /// So many zeros that are not.
    case hole(Int)
  }

  /// Goes through a plain file from start to end; of one that grows meanwhile, no further than it was at the beginning.
  package func forEachPart(_ body: (Part) throws -> Void) throws {
    let (file, size) = try openForReading()
    defer { close(file) }
    try forEachPart(of: file, size: size, body)
  }

  /// The same of one that is open.
  func forEachPart(of file: Int32, size: Int, _ body: (Part) throws -> Void) throws {
    // No larger than the file: thousands of small ones are read.
    try withUnsafeTemporaryAllocation(byteCount: max(1, min(size, 1 << 20)), alignment: 16) { buffer in
      var place = 0
      // So little is read as it is: what is not stored of it reads as zeros.
      guard size > 4096 else {
        return try forEachStored(in: file, from: &place, to: size, buffer) { try body(.data($0)) }
      }
      while place < size, let data = try nextData(in: file, from: place), data < size {
        if data > place { try body(.hole(data - place)) }
        place = data
        let hole = min(size, try Files.check("seek in", path) { lseek(file, off_t(data), SEEK_HOLE) })
        try forEachStored(in: file, from: &place, to: hole, buffer) { try body(.data($0)) }
        if place < hole { return }
      }
      if size > place { try body(.hole(size - place)) }
    }
  }

  /// Reads on to `end`; no further than the file goes by now.
  private func forEachStored(
    in file: Int32, from place: inout Int, to end: Int, _ buffer: UnsafeMutableRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    while place < end {
      let (wanted, start) = (min(buffer.count, end - place), off_t(place))
      let count = try Files.check("read", path) { pread(file, buffer.baseAddress, wanted, start) }
      if count == 0 { return }
      try body(UnsafeRawBufferPointer(rebasing: buffer.prefix(count)))
      place += count
    }
  }

  /// Where the next stored byte is; `nil` when there is none any more.
  private func nextData(in file: Int32, from place: Int) throws(FileError) -> Int? {
    do {
      return try Files.check("seek in", path) { lseek(file, off_t(place), SEEK_DATA) }
    } catch  where error.errno == .noSuchAddressOrDevice {
      return nil
    }
  }
}
