internal import Basics
internal import Glibc

// The calls by which a path of this package reaches the kernel, in place of Glibc's of the same names: each takes the bytes
// of a name that `FileName` spells. A call of Glibc's own is written `Glibc.open`.

func open(_ path: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
  Glibc.open(FileName.cString(path), flags, mode)
}

func openat(_ folder: Int32, _ name: String, _ flags: Int32, _ mode: mode_t = 0) -> Int32 {
  Glibc.openat(folder, FileName.cString(name), flags, mode)
}

func opendir(_ path: String) -> OpaquePointer? { Glibc.opendir(FileName.cString(path)) }

func lstat(_ path: String, _ facts: inout stat) -> Int32 { Glibc.lstat(FileName.cString(path), &facts) }

func fstatat(_ folder: Int32, _ name: String, _ facts: inout stat, _ flags: Int32) -> Int32 {
  Glibc.fstatat(folder, FileName.cString(name), &facts, flags)
}

func mkdir(_ path: String, _ mode: mode_t) -> Int32 { Glibc.mkdir(FileName.cString(path), mode) }

func mkdirat(_ folder: Int32, _ name: String, _ mode: mode_t) -> Int32 {
  Glibc.mkdirat(folder, FileName.cString(name), mode)
}

func rmdir(_ path: String) -> Int32 { Glibc.rmdir(FileName.cString(path)) }

func chmod(_ path: String, _ mode: mode_t) -> Int32 { Glibc.chmod(FileName.cString(path), mode) }

func fchownat(_ folder: Int32, _ name: String, _ owner: uid_t, _ group: gid_t, _ flags: Int32) -> Int32 {
  Glibc.fchownat(folder, FileName.cString(name), owner, group, flags)
}

func utimensat(_ folder: Int32, _ name: String, _ times: UnsafePointer<timespec>, _ flags: Int32) -> Int32 {
  Glibc.utimensat(folder, FileName.cString(name), times, flags)
}

@discardableResult
func unlink(_ path: String) -> Int32 { Glibc.unlink(FileName.cString(path)) }

@discardableResult
func unlinkat(_ folder: Int32, _ name: String, _ flags: Int32) -> Int32 {
  Glibc.unlinkat(folder, FileName.cString(name), flags)
}

func rename(_ path: String, _ other: String) -> Int32 {
  Glibc.rename(FileName.cString(path), FileName.cString(other))
}

func renameat(_ folder: Int32, _ name: String, _ other: Int32, _ newName: String) -> Int32 {
  Glibc.renameat(folder, FileName.cString(name), other, FileName.cString(newName))
}

func symlinkat(_ target: String, _ folder: Int32, _ name: String) -> Int32 {
  Glibc.symlinkat(FileName.cString(target), folder, FileName.cString(name))
}

/// Where a symlink leads. `-1` and `errno` as readlinkat(2), which follows no name that is empty.
func readlinkat(_ folder: Int32, _ name: String, _ target: inout String) -> Int {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(PATH_MAX)) { buffer in
    guard let place = buffer.baseAddress else { return -1 }
    let count = Glibc.readlinkat(folder, FileName.cString(name), place, buffer.count)
    if count >= 0 { target = FileName.text(UnsafeRawBufferPointer(buffer).prefix(count)) }
    return count
  }
}
