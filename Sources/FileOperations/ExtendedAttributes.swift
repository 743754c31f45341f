internal import Basics
internal import CLinux
internal import Glibc
internal import SystemPackage

/// Extended attributes by name, values in lower-case hex. ACLs and file capabilities are among them.
package enum ExtendedAttributes {
  /// - Parameter shown: the path in errors.
  package static func read(_ path: String, shown: String) throws(FileError) -> [String: String] {
    let path = FileName.cString(path)
    let length: Int
    do {
      length = try Files.check("list the attributes of", shown) { llistxattr(path, nil, 0) }
    } catch  where error.errno == .notSupported {
      return [:]
    }
    guard length > 0 else { return [:] }
    var list = [CChar](repeating: 0, count: length)
    let used = try Files.check("list the attributes of", shown) { llistxattr(path, &list, list.count) }
    var attributes: [String: String] = [:]
    for name in list.prefix(used).split(separator: 0) {
      let name = String(decoding: name.map(UInt8.init(bitPattern:)), as: UTF8.self)
      let size = try Files.check("read attribute \(name) of", shown) { lgetxattr(path, name, nil, 0) }
      var value = [UInt8](repeating: 0, count: size)
      let read = try Files.check("read attribute \(name) of", shown) { lgetxattr(path, name, &value, value.count) }
      attributes[name] = Digest.hex(value.prefix(read))
    }
    return attributes
  }

  /// Sets attributes on an open file; names are those of a file that was read.
  package static func write(_ attributes: [String: String], to file: Int32, path: String) throws(FileError) {
    for (name, hex) in attributes.sorted(by: { $0.key < $1.key }) {
      let value = Digest.bytes(hex: hex)
      try Files.check("set attribute \(name) of", path) { Int(fsetxattr(file, name, value, value.count, 0)) }
    }
  }
}
