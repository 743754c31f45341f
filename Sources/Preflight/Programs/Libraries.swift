internal import FileOperations
internal import HostState
internal import Subprocess
internal import SystemPackage
internal import Units

/// The shared libraries of a program, by the word of the loader that will load it: it is told to list them, as ldd(1)
/// does, and runs nothing of the program.
package enum Libraries {
  /// - Parameters:
  ///   - content: the program, where it lies now.
  ///   - loader: its interpreter.
  ///   - path: the `LD_LIBRARY_PATH` that it will have.
  /// - Returns: what the loader does not find, in its words: a library's name, or a version of one.
  package static func missing(_ content: String, loader: String, path: String?) async -> [Missing] {
    // Other loaders take other words; one that did not know these would run the program.
    guard Paths.name(loader).hasPrefix("ld-linux") else { return [] }
    var environment: [Subprocess.Environment.Key: String] = ["LD_TRACE_LOADED_OBJECTS": "1", "LC_ALL": "C"]
    environment["LD_LIBRARY_PATH"] = path
    let result = try? await Subprocess.run(
      .path(FilePath(loader)), arguments: [content], environment: .custom(environment), input: .none,
      output: .string(limit: 1 << 18), error: .string(limit: 1 << 18))
    let lines = [result?.standardOutput, result?.standardError].compactMap(\.self).joined(separator: "\n")
    return lines.split(separator: "\n").compactMap { Missing($0, content) }
  }

  package struct Missing: Hashable {
    /// The library's file name; `nil` where it is there and too old.
    package var library: String?
    package var words: String

    /// Reads one line of the loader's.
    package init?(_ line: Substring, _ content: String) {
      let line = line.trimmingSpaces()
      if line.hasSuffix("=> not found"), let name = line.split(separator: " ").first {
        library = String(name)
        words = "the shared library \(name) is not found"
      } else if let mark = line.firstRange(of: ": version `"), let end = line.firstRange(of: "' not found") {
        words =
          "\(line[..<mark.lowerBound].split(separator: " ").last ?? "a library") has no version "
          + "\(line[mark.upperBound..<end.lowerBound])"
      } else {
        return nil
      }
    }
  }
}
