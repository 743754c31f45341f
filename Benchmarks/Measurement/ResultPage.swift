/// `docs/performance.md`, made of the results alone.
package enum ResultPage {
  package static func text(_ results: BenchResults) -> String {
    let host = results.host
    var text = """
      # Performance

      <!-- Written by quantum-bench from Benchmarks/results.json; do not edit. -->

      Made by `\(results.command)` on \(results.date), on \(host.cores) cores (\(host.processor)), \
      \(host.memoryMiB) MiB of memory, Linux \(host.kernel), \(host.system). The load of the last minute was \
      \(FigureText.number(host.loadBefore)) before and \(FigureText.number(host.loadAfter)) after: a load above the number \
      of cores means that other work ran at the same time, and that only the ratios say something.

      `make bench` prints the same for your machine, and writes Benchmarks/results.json and this page.

      How: what is compared takes turns, round by round, on one throwaway machine with systemd. A figure is the median over
      the rounds, with the least and the greatest beside it. "×" is the median by that of the first line (of the same
      percentile). A bar is what qtctl is to reach; a missed one is shown as such, and what it is due to is said under
      "Limits".

      Versions: \(results.versions.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")).

      What limits all of it: but where a row says that they are on a disk, the files of the throwaway machine are in memory,
      so neither a disk's speed nor the wait of an fsync is in these figures, and peers that do not sync gain nothing by it.
      Between two rounds nothing is flushed: all are measured with warm caches. The router and execution are measured outside
      of it, with a Redis on a disk.

      """
    for row in results.rows { text += "\n" + section(row) }
    return text
  }

  private static func section(_ row: BenchResults.Row) -> String {
    var text = "## \(row.title)\n\n\(row.how)\n"
    if !row.limits.isEmpty { text += "\nLimits: \(row.limits)\n" }
    for figure in row.figures {
      text += "\n| \(figure.title) | median | spread | × |\n|---|---|---|---|\n"
      for cells in FigureText.lines(figure) { text += "| " + cells.joined(separator: " | ") + " |\n" }
      if !figure.bars.isEmpty {
        text += "\n" + figure.bars.map { "- \(FigureText.bar($0, in: figure))\n" }.joined()
      }
    }
    if !row.absent.isEmpty {
      text += "\n" + row.absent.map { "- Left out: \($0.name): \($0.reason)\n" }.joined()
    }
    if let failure = row.failure { text += "\nNot measured to its end: \(failure)\n" }
    return text
  }
}
