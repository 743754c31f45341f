internal import FileOperations
internal import Glibc

/// What of a path the kernel does not let be replaced.
package enum MountPoints {
  /// Every place that something is mounted on (proc(5), `mountinfo`).
  package static var all: [String] {
    guard let bytes = try? Files.read("/proc/self/mountinfo") else { return [] }
    return places(in: String(decoding: bytes, as: UTF8.self))
  }

  /// The fifth column, in which a blank is written as `\040`.
  static func places(in text: String) -> [String] {
    text.split(separator: "\n").compactMap { line in
      let columns = line.split(separator: " ")
      return columns.count > 4 ? unescaped(columns[4]) : nil
    }
  }

  private static func unescaped(_ text: Substring) -> String {
    ["\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"].reduce(String(text)) {
      $0.replacing($1.key, with: $1.value)
    }
  }

  /// Why nothing can be put into a folder; `nil` when it can be.
  static func fault(_ folder: String) -> String? {
    if access(folder, W_OK) != 0, errno == EROFS { return "on a read-only file system; mount it writable" }
    return immutable(folder)
  }

  /// The attribute that keeps even root from changing a file (chattr(1)); `nil` where it has none.
  static func immutable(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var flags = 0
    // FS_IOC_GETFLAGS, FS_IMMUTABLE_FL and FS_APPEND_FL (linux/fs.h).
    guard ioctl(file, 0x8008_6601, &flags) == 0, flags & 0x30 != 0 else { return nil }
    return "immutable (chattr(1)); run: chattr -ia \(path)"
  }
}
