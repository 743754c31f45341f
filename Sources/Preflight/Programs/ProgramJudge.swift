internal import Deployment
internal import FileOperations
internal import HostState
internal import Releases
internal import Subprocess
internal import SystemPackage
internal import Units

/// Says why a file cannot be executed on this machine.
package struct ProgramJudge {
  package let future: PlannedFileSystem
  /// The `LD_LIBRARY_PATH` that it will have.
  package let libraryPath: String?

  /// `e_machine` of this machine, and of the 32-bit programs that its kernel may run too.
  #if arch(x86_64)
    private static let machine: (native: UInt16, compatible: UInt16, name: String) = (62, 3, "x86-64")
  #else
    private static let machine: (native: UInt16, compatible: UInt16, name: String) = (183, 40, "AArch64")
  #endif
  private static let names: [UInt16: String] = [
    3: "x86", 8: "MIPS", 21: "PowerPC64", 22: "S390", 40: "ARM", 62: "x86-64", 183: "AArch64", 243: "RISC-V",
    258: "LoongArch",
  ]

  /// - Parameter path: as the unit or the script names it.
  package func faults(of file: PlannedFileSystem.File, as path: String, depth: Int = 0) async throws -> [String] {
    guard file.state.type == .file else { return ["'\(path)' is not a file"] }
    guard let mode = file.state.mode, mode & 0o111 != 0 else {
      let advice = file.isNew ? "set mode: \"0755\" for it in the manifest" : "run: chmod 755 \(file.path)"
      return ["'\(path)' is not executable (mode \(FileState.octal(file.state.mode))); \(advice)"]
    }
    switch ProgramFormat(try FileWindow(file.content)) {
    case .elf(let image): return try await faults(of: image, file, path)
    case .script(let interpreter):
      // The kernel follows interpreters of interpreters, a few deep.
      guard depth < 4, let program = future.look(interpreter), interpreter.hasPrefix("/") else {
        return [
          "'\(path)' is a script for \(interpreter.debugDescription), which will not exist; install it, or fix its "
            + "first line"
        ]
      }
      return try await faults(of: program, as: interpreter, depth: depth + 1).map { "'\(path)' is a script, and \($0)" }
    case .unknown:
      guard !ProgramFormat.othersRun else { return [] }
      let size = file.state.size ?? 0
      return [
        "'\(path)' is \(size == 0 ? "empty" : "neither a program nor a script that begins with #!"); put the right "
          + "file into the release"
      ]
    }
  }

  private func faults(of image: ELFImage, _ file: PlannedFileSystem.File, _ path: String) async throws -> [String] {
    guard image.kind != nil else { return ["'\(path)' is an object file, not a program; link it"] }
    let native = image.machine == Self.machine.native && image.is64Bit
    let compatible =
      image.machine == Self.machine.compatible && image.interpreter.map { future.look($0) != nil } ?? true
    guard native || compatible || ProgramFormat.othersRun else {
      let other = Self.names[image.machine] ?? "machine type \(image.machine)"
      return ["'\(path)' is built for \(other), but this machine is \(Self.machine.name); build it for this one"]
    }
    guard !image.isCutOff else { return ["'\(path)' is truncated; build or copy it again"] }
    guard let loader = image.interpreter else { return [] }
    guard let found = future.look(loader) else {
      return ["'\(path)' needs the loader '\(loader)', which will not exist; install it, or build for this machine"]
    }
    guard native, !found.isNew else { return [] }
    let missing = await Libraries.missing(file.content, loader: loader, path: libraryPath)
    return missing.filter { !isExcused($0, image, file) }.map {
      "'\(path)': \($0.words); install it, or build on a system that is no newer than this one"
    }
  }

  /// What the loader misses only because the program does not lie in its place yet.
  private func isExcused(_ missing: Libraries.Missing, _ image: ELFImage, _ file: PlannedFileSystem.File) -> Bool {
    guard let library = missing.library else { return false }
    if future.newPaths.contains(where: { Paths.name($0) == library }) { return true }
    let home = Files.parent(of: file.path)
    return image.searchPaths.contains { path in
      let folder = path.replacing("${ORIGIN}", with: home).replacing("$ORIGIN", with: home)
      return future.look(Paths.resolve(folder + "/" + library, in: "/")) != nil
    }
  }
}

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
