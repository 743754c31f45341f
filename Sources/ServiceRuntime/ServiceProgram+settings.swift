internal import Glibc

extension ServiceProgram {
  /// The settings that `read` takes from the environment of this process. When one is wrong, says which on stderr and
  /// ends the program.
  public static func settings<Settings>(
    of name: String, isCheck: Bool,
    read: (inout EnvironmentReader) throws(EnvironmentError) -> Settings
  ) -> Settings {
    do {
      var environment = EnvironmentReader.process()
      let settings = try read(&environment)
      try environment.refuseUnknown()
      return settings
    } catch {
      let line = "\(name): \(error)\n"
      _ = line.withCString { write(STDERR_FILENO, $0, strlen($0)) }
      exit((isCheck ? ExitStatus.failure : .configuration).rawValue)
    }
  }
}
