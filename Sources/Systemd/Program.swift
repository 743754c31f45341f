internal import CSystemd

/// What this very executable is.
public enum Program {
  /// The version that all programs of one build share.
  public static let version = "1.0.0"

  /// The build id that the linker wrote (`NT_GNU_BUILD_ID`, ld(1) `--build-id`) in hexadecimal digits; `nil` when it
  /// wrote none. Read from the memory of the running program, so it is that of the program even if its file is gone.
  public static let buildID: String? = {
    var found: String?
    withUnsafeMutablePointer(to: &found) { found in
      _ = dl_iterate_phdr(
        { info, _, found in
          if let info, let found {
            found.assumingMemoryBound(to: String?.self).pointee = ELFNotes.buildID(of: info.pointee)
          }
          // The first object is the program itself; any other result than 0 ends the walk.
          return 1
        }, found)
    }
    return found
  }()
}
