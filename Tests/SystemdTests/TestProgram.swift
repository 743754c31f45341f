import FoundationEssentials
import Glibc

/// This test program.
enum TestProgram {
  /// Its file; `/proc/self/exe` is a link to it, also when it was started by a relative path.
  static let path: String = {
    (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
  }()
}
