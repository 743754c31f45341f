import ArgumentParser
import Backups
import Deployment
import FileOperations
import Glibc
import HostState
import Presentation
import Remote

/// What a shell offers for a word that only this host knows. It answers what can be read, and never fails: whoever presses
/// the tab key without the right to read qtctl's records is offered nothing.
enum Completions {
  /// A word, and what a person needs to choose it.
  struct Candidate: Equatable {
    var word: String
    var note = ""
  }

  /// Stamps of all stores of this host, newest first, with age, name and whether they are verified.
  static let stamps = CompletionKind.custom { _, _, begun in
    let environment = Environment.current
    let stores = environment.backups.map { [$0] } ?? Set(installed(environment).map(\.store)).sorted()
    let found = stores.flatMap { path in
      let store = BackupStore(path: path)
      return ((try? store.stamps()) ?? []).map { ($0, try? store.record($0)) }
    }
    return offer(found.sorted { $0.0 > $1.0 }.map { candidate($0.0, $0.1, at: Clock.seconds) }, begun)
  }

  /// The units of everything that was deployed on this host.
  static let units = CompletionKind.custom { _, _, begun in
    let found = installed(.current).flatMap { record in
      record.units.map { Candidate(word: $0, note: "of \(record.name)") }
    }
    return offer(found, begun)
  }

  /// The names under which releases were deployed on this host.
  static let names = CompletionKind.custom { _, _, begun in
    let names = (try? InstalledReleases(Environment.current.state).names()) ?? []
    return offer(names.map { Candidate(word: $0, note: "deployed on this host") }, begun)
  }

  /// The hosts that the user's ssh configuration names.
  static let hosts = CompletionKind.custom { _, _, begun in
    let home = getenv("HOME").map { String(cString: $0) } ?? ""
    let text = (try? Files.read(home + "/.ssh/config")).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let names = text.split(whereSeparator: \.isNewline).flatMap { line -> [Substring] in
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "=" }
      return words.first?.lowercased() == "host" ? Array(words.dropFirst()) : []
    }
    let plain = names.map(String.init).filter { (try? RemoteHost($0)) != nil }
    return offer(plain.map { Candidate(word: $0) }, begun)
  }

  static func candidate(_ stamp: Stamp, _ record: BackupRecord?, at now: Int) -> Candidate {
    let age = UTC.age(of: stamp.seconds, at: now) + " old"
    guard let record else { return Candidate(word: stamp.description, note: "\(age), cannot be read") }
    return Candidate(
      word: stamp.description, note: "\(age), \(record.name)" + (record.verified ? ", verified" : ", not verified"))
  }

  private static func installed(_ environment: Environment) -> [InstalledRecord] {
    let releases = InstalledReleases(environment.state)
    return ((try? releases.names()) ?? []).compactMap { try? releases.record($0) }
  }

  private static func offer(_ candidates: [Candidate], _ begun: String) -> [String] {
    lines(candidates, begun, for: CompletionShell.requesting?.rawValue)
  }

  /// The answer as each shell takes it. bash knows no notes: they stand behind the word while there is a choice, and the
  /// last candidate comes alone, since it goes into the command line.
  ///
  /// - Parameter begun: the word as far as it was typed, where the shell tells.
  static func lines(_ candidates: [Candidate], _ begun: String, for shell: String?) -> [String] {
    let fitting = candidates.filter { $0.word.hasPrefix(begun) }
    return fitting.map { candidate in
      let note = candidate.note
      return switch shell {
      case "zsh": candidate.word.replacing(":", with: "\\:") + ":" + note
      case "fish": candidate.word + "\t" + note
      case "bash" where fitting.count > 1: "\(candidate.word)  (\(note))"
      default: candidate.word
      }
    }
  }
}
