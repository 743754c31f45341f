internal import Crypto
internal import Glibc

extension FileView {
  /// What lies at an absolute path; `nil` where nothing does. Holds the calling thread.
  static func look(at path: String) -> Result<FileView?, Unseen> {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      let code = errno
      if code == ENOENT || code == ENOTDIR { return .success(nil) }
      return .failure(Unseen(String(cString: strerror(code))))
    }
    var view = FileView(
      kind: kind(status.st_mode), mode: status.st_mode & 0o7777, owner: status.st_uid, group: status.st_gid,
      size: Int(status.st_size), identity: FileIdentity(status))
    view.modified = status.st_mtim.seconds
    view.changed = status.st_ctim.seconds
    if view.kind == .link {
      guard let link = target(ofLink: path) else { return .failure(Unseen(String(cString: strerror(errno)))) }
      view.link = link
    }
    guard view.kind == .file else { return .success(view) }
    return digest(of: path).map { digest in
      view.sha256 = digest
      return view
    }
  }

  private static func kind(_ mode: mode_t) -> Kind {
    switch mode & S_IFMT {
    case S_IFREG: .file
    case S_IFDIR: .directory
    case S_IFLNK: .link
    default: .other
    }
  }

  private static func target(ofLink path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink(path, &buffer, buffer.count)
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  private static func digest(of path: String) -> Result<String, Unseen> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { return .failure(Unseen(String(cString: strerror(errno)))) }
    defer { close(descriptor) }
    var hash = SHA256()
    return withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { buffer in
      while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0 {
          if errno == EINTR { continue }
          return .failure(Unseen(String(cString: strerror(errno))))
        }
        if count == 0 { return .success(hex(hash.finalize())) }
        hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
      }
    }
  }

  private static func hex(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

extension FileIdentity {
  init(_ status: stat) {
    self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
  }
}

extension timespec {
  var seconds: Double { Double(tv_sec) + Double(tv_nsec) / 1e9 }
}
