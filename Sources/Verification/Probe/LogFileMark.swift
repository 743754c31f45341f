internal import Glibc

/// A position in a log file, kept open so that what is appended is found even when the file is rotated.
package final class LogFileMark: Sendable {
  private let path: String
  /// `nil` where no file was there.
  private let descriptor: Int32?
  private let offset: Int

  private init(path: String, descriptor: Int32?, offset: Int) {
    self.path = path
    self.descriptor = descriptor
    self.offset = offset
  }

  deinit {
    if let descriptor { close(descriptor) }
  }

  /// The current end of a file; the beginning of one that does not exist yet.
  package static func mark(_ path: String) -> Result<LogFileMark, ProbeError> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      let code = errno
      if code == ENOENT { return .success(LogFileMark(path: path, descriptor: nil, offset: 0)) }
      return .failure(ProbeError("\(path): \(String(cString: strerror(code)))"))
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      return .failure(ProbeError("\(path) is not a regular file"))
    }
    return .success(LogFileMark(path: path, descriptor: descriptor, offset: Int(status.st_size)))
  }

  /// The whole lines written since, in the marked file and in the one that took its name.
  package func lines() -> Result<[Substring], ProbeError> {
    var bytes: [UInt8] = []
    var marked = stat()
    if let descriptor, fstat(descriptor, &marked) == 0 {
      // A file that became shorter was emptied in place, as `copytruncate` does.
      bytes = Self.read(descriptor, from: Int(marked.st_size) < offset ? 0 : offset)
    }
    let now = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if now >= 0 {
      defer { close(now) }
      var status = stat()
      let known =
        descriptor != nil && fstat(now, &status) == 0 && status.st_ino == marked.st_ino
        && status.st_dev == marked.st_dev
      if !known { bytes += Self.read(now, from: 0) }
    } else if errno != ENOENT {
      return .failure(ProbeError("\(path): \(String(cString: strerror(errno)))"))
    }
    let whole = bytes.lastIndex(of: 10).map { bytes[...$0] } ?? []
    return .success(String(decoding: whole, as: UTF8.self).split(whereSeparator: \.isNewline))
  }

  private static func read(_ descriptor: Int32, from offset: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = pread(descriptor, &buffer, buffer.count, off_t(offset + bytes.count))
      if count <= 0 { return bytes }
      bytes += buffer[..<count]
    }
  }
}
