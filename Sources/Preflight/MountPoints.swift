internal import Basics
internal import FileOperations
internal import Glibc

/// What of a path the kernel does not let be replaced.
package enum MountPoints {
  /// Every place that something is mounted on (proc(5), `mountinfo`).
  package static var all: [String] {
    guard let bytes = try? Files.read("/proc/self/mountinfo") else { return [] }
    return places(in: bytes)
  }

  /// The fifth column.
  static func places(in bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      line.split(separator: UInt8(ascii: " ")).dropFirst(4).first.map { FileName.text(unescaped($0)) }
    }
  }

  /// A blank, a tab, a newline and a backslash are written as a backslash and three octal digits, such as `\040`.
  private static func unescaped(_ place: ArraySlice<UInt8>) -> [UInt8] {
    var (rest, bytes) = (place, [UInt8]())
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      if byte == UInt8(ascii: "\\"), digits.utf8.count == 3, let value = UInt8(digits, radix: 8) {
        bytes.append(value)
        rest.removeFirst(3)
      } else {
        bytes.append(byte)
      }
    }
    return bytes
  }

  /// Why nothing can be put into a folder; `nil` when it can be.
  static func fault(_ folder: String) -> String? {
    if access(FileName.cString(folder), W_OK) != 0, errno == EROFS {
      return "on a read-only file system; mount it writable"
    }
    return immutable(folder)
  }

  /// The attribute that keeps even root from changing a file (chattr(1)); `nil` where it has none.
  static func immutable(_ path: String) -> String? {
    let file = open(FileName.cString(path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var flags = 0
    // FS_IOC_GETFLAGS, FS_IMMUTABLE_FL and FS_APPEND_FL (linux/fs.h).
    guard ioctl(file, 0x8008_6601, &flags) == 0, flags & 0x30 != 0 else { return nil }
    return "immutable (chattr(1)); run: chattr -ia \(path)"
  }
}
