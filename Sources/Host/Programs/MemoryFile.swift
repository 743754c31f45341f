internal import CLinux
internal import Glibc
internal import SystemPackage

/// A file in memory alone, for what a program is given and what it prints.
final class MemoryFile {
  let descriptor: FileDescriptor
  private static let name = "memory file"

  init(_ bytes: [UInt8] = []) throws {
    let file = Int32(try Files.check("make", Self.name) { Int(memfd_create("qtctl", UInt32(MFD_CLOEXEC))) })
    descriptor = FileDescriptor(rawValue: file)
    try bytes.withUnsafeBytes { try Files.writeAll($0, to: file, path: Self.name) }
    // Whoever gets it reads from the beginning.
    try Files.check("seek in", Self.name) { lseek(file, 0, SEEK_SET) }
  }

  deinit { close(descriptor.rawValue) }

  /// All that is in it.
  func contents() throws -> [UInt8] {
    let file = descriptor.rawValue
    let size = try Files.check("seek in", Self.name) { lseek(file, 0, SEEK_END) }
    var bytes = [UInt8](repeating: 0, count: size)
    let count = try Files.check("read", Self.name) { pread(file, &bytes, size, 0) }
    return Array(bytes.prefix(count))
  }
}
