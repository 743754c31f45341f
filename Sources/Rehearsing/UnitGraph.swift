/// Which units a start of others brings with it, by systemd's word (`systemctl show`).
///
/// Asked the same way of this host and of the machine.
struct UnitGraph {
  /// Asks for these properties of units: as `systemctl show` prints them, a blank line between two units.
  typealias Ask = (_ properties: [String], _ units: [String]) async throws -> String

  /// By which one unit's start starts another.
  private static let pulls = ["Wants", "Requires", "BindsTo", "Upholds", "Requisite"]
  /// How many units one call asks for: a command line has a limit.
  private static let batch = 200
  /// More than any host has; a loop ends all the same, since no unit is asked for twice.
  private static let most = 20_000

  let ask: Ask

  /// Those units and all that their start brings.
  func closure(of roots: [String]) async throws -> Set<String> {
    var found = Set(roots)
    var next = roots
    while !next.isEmpty, found.count < Self.most {
      var pulled: Set<String> = []
      for unit in try await properties(Self.pulls, of: next) {
        for property in Self.pulls { pulled.formUnion(Self.words(unit[property])) }
      }
      next = pulled.subtracting(found).sorted()
      found.formUnion(next)
    }
    return found
  }

  /// The properties of each unit that systemd knows, `Id` among them.
  func properties(_ names: [String], of units: [String]) async throws -> [[String: String]] {
    var found: [[String: String]] = []
    var rest = units[...]
    while !rest.isEmpty {
      found += Self.blocks(try await ask(["Id"] + names, Array(rest.prefix(Self.batch))))
      rest = rest.dropFirst(Self.batch)
    }
    return found
  }

  static func words(_ text: String?) -> [String] { (text ?? "").split(separator: " ").map(String.init) }

  static func blocks(_ text: String) -> [[String: String]] {
    var blocks: [[String: String]] = [[:]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        blocks.append([:])
      } else if let sign = line.firstIndex(of: "="), let last = blocks.indices.last {
        blocks[last][String(line[..<sign])] = String(line[line.index(after: sign)...])
      }
    }
    return blocks.filter { $0["Id"] != nil }
  }
}
