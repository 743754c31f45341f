internal import Deployment
internal import FileOperations
internal import Releases

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
  package func faults(of file: PlannedFileSystem.File, as path: String, depth: Int = 0) throws -> [String] {
    guard file.state.type == .file else { return ["'\(path)' is not a file"] }
    guard let mode = file.state.mode, mode & 0o111 != 0 else {
      let advice = file.isNew ? "set mode: \"0755\" for it in the manifest" : "run: chmod 755 \(file.path)"
      return ["'\(path)' is not executable (mode \(FileState.octal(file.state.mode))); \(advice)"]
    }
    switch ProgramFormat(try FileWindow(file.content)) {
    case .elf(let image): return try faults(of: image, file, path)
    case .script(let interpreter):
      // The kernel follows interpreters of interpreters, a few deep.
      guard depth < 4, let program = future.look(interpreter), interpreter.hasPrefix("/") else {
        return [
          "'\(path)' is a script for \(interpreter.debugDescription), which will not exist; install it, or fix its "
            + "first line"
        ]
      }
      return try faults(of: program, as: interpreter, depth: depth + 1).map { "'\(path)' is a script, and \($0)" }
    case .unknown:
      guard !ProgramFormat.othersRun else { return [] }
      let size = file.state.size ?? 0
      return [
        "'\(path)' is \(size == 0 ? "empty" : "neither a program nor a script that begins with #!"); put the right "
          + "file into the release"
      ]
    }
  }

  private func faults(of image: ELFImage, _ file: PlannedFileSystem.File, _ path: String) throws -> [String] {
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
    // Other loaders look elsewhere; of them nothing is said.
    guard Paths.name(loader).hasPrefix("ld-linux") else { return [] }
    return try SharedLibraries(future: future, libraryPath: libraryPath).missing(image, at: file.path).map {
      "'\(path)': \($0); install it, or build on a system that is no newer than this one"
    }
  }
}
