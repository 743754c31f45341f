import Rehearsal
import SystemPackage

extension Machine {
  /// A file of this host, as text.
  static func hostText(_ path: String) throws -> String {
    let file = try FileDescriptor.open(path, .readOnly, options: .closeOnExec)
    return try file.closeAfter {
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
      return String(decoding: buffer.prefix(count), as: UTF8.self)
    }
  }
}
