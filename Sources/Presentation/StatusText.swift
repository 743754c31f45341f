import Basics
package import Deployment
package import HostState
package import Status
package import Terminal
import Verification
import Watching

/// A status as text.
package struct StatusText {
  package let status: HostStatus
  package let layout: Layout
  package let now: Int
  /// Whether every unit is listed.
  package let isVerbose: Bool

  /// - Parameter now: seconds since 1970.
  package init(status: HostStatus, layout: Layout, now: Int, isVerbose: Bool) {
    self.status = status
    self.layout = layout
    self.now = now
    self.isVerbose = isVerbose
  }

  /// Of more units than that, those that simply run are only counted.
  private static let most = 20

  private typealias Tone = StyledText.Tone

  /// What is going on first, then the tables, and what is wrong last: above the prompt.
  package var text: StyledText {
    var text = running
    text += releases
    text += tables
    text += problems
    text += verdict
    return text
  }

  /// For a screen that shows only so much: what is wrong comes before all that is as it should be.
  package var watched: StyledText {
    var text = running
    text += problems
    text += verdict
    text += "\n"
    text += releases
    text += tables
    return text
  }

  // MARK: What is going on, and what is deployed

  private var running: StyledText { status.transaction.map(transaction) ?? StyledText() }

  private var releases: StyledText {
    status.releases.reduce(into: StyledText()) { text, release in text += self.release(release) }
  }

  private func transaction(_ running: HostStatus.Running) -> StyledText {
    let course = [running.from, running.to].compactMap { $0?.brief }.joined(separator: " → ")
    let subject = running.name.map { " of \($0)" + (course.isEmpty ? "" : " (\(course))") } ?? ""
    var times = ["\(running.seconds) s so far"]
    if let usual = running.usual { times.append("usually \(Console.took(usual)) in all") }
    if let left = running.left { times.append("at most \(left) s left for this phase") }
    let sentence =
      "a transaction is in progress: \(HistoryEntry.verb(of: running.command))\(subject), phase '\(running.phase)', "
      + times.joined(separator: ", ")
    var text = lines(sentence, .careful)
    text += lines("by \(running.user), pid \(running.pid): qtctl \(running.command)", indent: "  ", .dim)
    text += "\n"
    return text
  }

  private func release(_ release: ReleaseStatus) -> StyledText {
    var text = lines(Self.sentence(release), release.installed?.verified ?? false ? .strong : .careful)
    if let last = release.last {
      let why = (last.reason ?? "").split { $0 == ";" || $0.isNewline }.first.map { ": \($0)" } ?? ""
      text += fact(
        "last", "\(last.verb) \(last.briefCourse), \(age(last.started)) ago by \(last.user), \(last.end.words)\(why)",
        last.tone)
    }
    if let last = release.lastCommand {
      text += fact(
        "since", "\(last.verb): \(last.reason ?? "?"), \(age(last.started)) ago by \(last.user), \(last.end.words)",
        .careful)
    }
    if let drift = release.drift {
      let count = release.installed?.files.count { !$0.keep } ?? 0
      text += fact(
        "drift", drift.isEmpty ? "none in \(count) files" : Self.sentence(drift, of: count),
        drift.isEmpty ? .plain : .bad)
    }
    if let events = release.events { text += fact("last hour", Self.sentence(events)) }
    if let watch = release.watch {
      text += fact("watch", watch.sentence(at: now), watch.trouble(at: now) == nil ? .plain : .bad)
    }
    if let backups = release.backups { text += fact("backups", sentence(backups)) }
    return text
  }

  package static func sentence(_ release: ReleaseStatus) -> String {
    guard release.isRecorded else { return "\(release.name), by its manifest" }
    guard let installed = release.installed else { return "\(release.name) was not deployed by qtctl on this host" }
    return "\(installed.name) \(installed.release), deployed \(UTC.text(installed.at)), "
      + (installed.verified ? "verified" : "not verified")
  }

  private static func sentence(_ drift: [Drift], of count: Int) -> String {
    "\(drift.count) of \(count) files changed since then: "
      + drift.map(\.path).joined(separator: ", ", atMost: 3)
  }

  private static func sentence(_ events: TradeEvents) -> String {
    let words = ["FILLED", "REJECTED", "FAILED"]
    let others = events.terminal.keys.filter { !words.contains($0) }.sorted()
    let terminal = (words + others).map { "\(events.terminal[$0] ?? 0) \($0)" }
    let conflicts = events.conflicts == 0 ? [] : ["\(events.conflicts) CONFLICT"]
    return (["\(events.skipped) DUPLICATE_SKIP"] + terminal + conflicts).joined(separator: ", ")
      + (events.isPartial ? "; there are more" : "")
  }

  private func sentence(_ space: BackupSpace) -> String {
    var parts: [String] = []
    if let count = space.count {
      parts.append("\(count) in \(space.store)" + (space.newest.map { ", the newest \(age($0.seconds)) old" } ?? ""))
    } else {
      parts.append(space.store)
    }
    if let free = space.free, let size = space.size {
      parts.append("\(ByteCount.text(free)) of \(ByteCount.text(size)) free")
    }
    return parts.joined(separator: ", ")
  }

  // MARK: Tables

  private var tables: StyledText {
    var text = StyledText()
    let hasNames = Set(status.units.compactMap(\.name)).count > 1
    let isFolded = !isVerbose && status.units.count > Self.most
    let shown = isFolded ? status.units.filter { $0.problem != nil || $0.active != "active" } : status.units
    if !status.units.isEmpty { text += "\n" }
    if !shown.isEmpty { text += units(shown, hasNames) }
    if isFolded {
      text += lines("\(status.units.count - shown.count) units are active; --verbose lists them", .plain)
    }
    let groups = status.releases.flatMap(\.groups)
    if !groups.isEmpty {
      text += "\n"
      text += self.groups(groups)
    }
    return text
  }

  private func units(_ lines: [UnitLine], _ hasNames: Bool) -> StyledText {
    Table(
      ["UNIT", "STATE", "SINCE", "NAME", "ENABLED", "PID", "RESTARTS", "MEMORY", "STATUS"],
      bending: ["UNIT", "NAME", "STATUS"], heading: ["UNIT", "STATE", "SINCE"],
      rows: lines.map { line in
        let why = line.result.map { ", \($0)" } ?? ""
        return Table.Row(
          [
            line.unit, line.load == "loaded" ? "\(line.active) (\(line.sub)\(why))" : line.load,
            line.changed.map(age) ?? "-", hasNames ? line.name ?? "-" : "-",
            line.enablement.isEmpty ? "-" : line.enablement, line.pid.map { String($0) } ?? "-",
            line.restarts.flatMap { $0 == 0 ? nil : String($0) } ?? "-",
            line.memory.map { ByteCount.text($0) } ?? "-", line.status ?? "",
          ], line.problem == nil ? .plain : .bad)
      }
    ).text(layout, droppingEmpty: true)
  }

  private func groups(_ groups: [GroupStanding]) -> StyledText {
    func number(_ value: Int?) -> String { value.map { String($0) } ?? "?" }
    return Table(
      ["GROUP", "STREAM", "LENGTH", "PENDING", "LAG", "OLDEST", "CONSUMERS"], bending: ["GROUP", "STREAM"],
      rows: groups.map { group in
        let alive = group.active.map { $0 > 0 ? ", \($0) busy" : "" } ?? ""
        return Table.Row(
          [
            group.group, group.stream, number(group.length), number(group.pending),
            (group.lagIsLowest ? "over " : "") + number(group.lag),
            group.oldestPending.map { UTC.age(of: now - $0, at: now) } ?? (group.pending == 0 ? "none" : "?"),
            number(group.consumers) + alive,
          ], group.problems.isEmpty ? .plain : .bad)
      }
    ).text(layout)
  }

  // MARK: What is wrong

  private var problems: StyledText {
    var text = StyledText()
    for problem in status.problems {
      text += text.isEmpty ? "\n" : ""
      text += lines("\(problem.subject) \(problem.what)", .bad)
      for line in problem.lines { text += lines(layout.shown(Printable.line(line)), indent: "    ", .plain) }
      // On one line, however long, so that it can be copied.
      if let command = problem.command { text += StyledText("  see: \(command)\n", .dim) }
    }
    if !status.notes.isEmpty { text += "\n" }
    for note in status.notes { text += lines("note: \(note)", .dim) }
    return text
  }

  private var verdict: StyledText {
    let count = status.problems.count
    if count > 0 { return lines(count == 1 ? "1 problem" : "\(count) problems", .bad) }
    guard status.transaction == nil else { return StyledText() }
    let units = status.units.count == 1 ? "1 unit is" : "\(status.units.count) units are"
    return lines("nothing is wrong: \(units) as the manifest wants", .good)
  }

  // MARK: Lines

  private func lines(_ text: String, indent: String = "", _ tone: Tone) -> StyledText {
    var result = StyledText()
    for line in TextLines.wrapped(layout.shown(text), indent: indent, width: layout.width, layout) {
      result += StyledText(line, tone)
      result += "\n"
    }
    return result
  }

  private func fact(_ title: String, _ text: String, _ tone: Tone = .plain) -> StyledText {
    let first = "  " + title + ":" + String(repeating: " ", count: max(1, 11 - title.count))
    let rest = String(repeating: " ", count: first.count)
    return StyledText(
      TextLines.wrapped(layout.shown(text), first: first, rest: rest, width: layout.width, layout).map { $0 + "\n" }
        .joined(), tone)
  }

  private func age(_ moment: Int) -> String { UTC.age(of: moment, at: now) }
}

extension HistoryEntry {
  /// From what to what, in few characters.
  package var briefCourse: String {
    let course = [from, to].compactMap { $0?.brief }.joined(separator: " → ")
    return course.isEmpty ? "without a change of release" : course
  }
}

extension ReleaseIdentity {
  /// The version, and so much of the digest that two releases of one version differ.
  package var brief: String { version.map { "\($0) (\(digest.prefix(7)))" } ?? String(digest.prefix(12)) }
}
