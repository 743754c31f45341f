import Rehearsal
import TestSupport

/// All that stands below some places of a host, each thing with everything that a rollback must bring back: kind, mode,
/// owner, time, attributes (ACLs and capabilities among them), holes, content or where a link leads.
struct StatePicture: Equatable, Sendable {
  private let lines: Set<String>

  init(of site: Site, _ places: [String]) async throws {
    let output = try await site.machine.run(["python3", "-c", Self.script] + places)
    guard output.succeeded else { throw SiteError(description: output.stderr) }
    lines = Set(output.stdout.split(separator: "\n").map(String.init))
  }

  func differences(to other: StatePicture) -> String {
    "missing \(other.lines.subtracting(lines).sorted()), instead \(lines.subtracting(other.lines).sorted())"
  }

  private static let script = """
    import hashlib, os, stat, sys
    def show(path):
      facts = os.lstat(path)
      line = [repr(path), oct(facts.st_mode), facts.st_uid, facts.st_gid]
      if stat.S_ISLNK(facts.st_mode): line += ['to', repr(os.readlink(path)), facts.st_mtime_ns]
      if stat.S_ISREG(facts.st_mode):
        content = open(path, 'rb').read()
        line += [facts.st_mtime_ns, len(content), hashlib.sha256(content).hexdigest()]
        line += ['with holes' if facts.st_blocks * 512 < facts.st_size else 'without holes']
        line += [name + '=' + os.getxattr(path, name).hex() for name in sorted(os.listxattr(path))]
      print(*line)
    for place in sys.argv[1:]:
      if os.path.lexists(place): show(place)
      for folder, folders, files in os.walk(place):
        for name in folders + files: show(os.path.join(folder, name))
    """
}
