import Glibc
import SystemPackage
import TestSupport

/// A folder for the logs and the ledger of a run.
struct RunFolder {
  let path: String

  init() throws {
    var template = Array("/tmp/qtctl-chaos-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Errno(rawValue: errno) }
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func lines(of file: String) throws -> [Substring] {
    let descriptor = try FileDescriptor.open(FilePath(file), .readOnly, options: .closeOnExec)
    let bytes = try descriptor.closeAfter {
      var bytes = [UInt8](repeating: 0, count: try Int(descriptor.seek(offset: 0, from: FileDescriptor.SeekOrigin.end)))
      let count = try bytes.withUnsafeMutableBytes { try descriptor.read(fromAbsoluteOffset: 0, into: $0) }
      return bytes.prefix(count)
    }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }

  func remove() {
    guard let process = try? ChildProcess("/bin/rm", ["-rf", path]) else { return }
    _ = process.wait(upTo: .seconds(10))
  }
}
