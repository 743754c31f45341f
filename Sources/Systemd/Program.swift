internal import CSystemd
internal import Glibc

/// What this very executable is.
public enum Program {
  /// The version that all programs of one build share.
  public static let version = "1.0.0"

  /// Where the executable lies, absolute; `nil` when the kernel does not tell, or when it was replaced since it started.
  public static var path: String? {
    guard let found = realpath("/proc/self/exe", nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// The build id that the linker wrote (`NT_GNU_BUILD_ID`, ld(1) `--build-id`) in hexadecimal digits; `nil` when it
  /// wrote none. Read from the memory of the running program, so it is that of the program even if its file is gone.
  public static let buildID: String? = {
    // The kernel tells where it put the program's own headers (getauxval(3)).
    guard let headers = UnsafePointer<Elf64_Phdr>(bitPattern: getauxval(UInt(AT_PHDR))) else { return nil }
    let program = UnsafeBufferPointer(start: headers, count: Int(getauxval(UInt(AT_PHNUM))))
    return ELFNotes.buildID(of: program)
  }()
}
